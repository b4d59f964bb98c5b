package otlp

import (
	"log/slog"
	"sync"
	"time"
)

// warnings limits the log lines about a collector to one a minute.
type warnings struct {
	now  func() time.Time
	log  *slog.Logger
	mu   sync.Mutex
	last time.Time // of a warning
}

// say warns that traces have been lost, lost of them since the start.
func (w *warnings) say(text string, err error, lost uint64) {
	if w.due() {
		w.log.Warn(text, "error", err, "lost", lost)
	}
}

// library takes an error that the library does not return, such as of a variable that it cannot read.
func (w *warnings) library(err error) {
	if w.due() {
		w.log.Warn("the library for traces reports an error", "error", err)
	}
}

func (w *warnings) due() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.now()
	if !w.last.IsZero() && now.Sub(w.last) < warnEvery {
		return false
	}
	w.last = now
	return true
}
