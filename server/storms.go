package server

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"momentum/server/reason"
	"momentum/server/stats"
	"momentum/server/storm"
)

// stormWatch finds out from the counts of handshakes whether the node is in a storm. The ticker calls tick; any goroutine may call report.
type stormWatch struct {
	counters  stats.Node
	processor func() time.Duration // of the process; nil: not known
	log       *slog.Logger

	mu    sync.Mutex // held for a sample or a report
	watch storm.Watch
	due   time.Duration // time of the next sample, since the start
}

// tick takes a sample when it is time, and logs a change.
func (w *stormWatch) tick(elapsed time.Duration, live int) {
	if elapsed < w.due {
		return
	}
	sample := w.sample(elapsed, live)
	w.mu.Lock()
	w.due = elapsed + storm.Step
	change, changed := w.watch.Next(sample)
	report := w.watch.Report(0, 1)
	w.mu.Unlock()
	if changed {
		w.logChange(change, &report)
	}
}

// sample adds up what the reactors have counted.
func (w *stormWatch) sample(elapsed time.Duration, live int) storm.Sample {
	s := storm.Sample{
		At: elapsed, Live: live, Abandoned: w.counters.Ended(reason.ClosedEarly),
		Admitted: w.counters.Sum(func(c *stats.Counters) *atomic.Uint64 { return &c.Admitted }),
		Returned: w.counters.Sum(func(c *stats.Counters) *atomic.Uint64 { return &c.Returned }),
	}
	for r := range s.Refused {
		s.Refused[r] = w.counters.Sum(func(c *stats.Counters) *atomic.Uint64 { return &c.Refused[r] })
	}
	if w.processor != nil {
		s.Processor = w.processor()
	}
	return s
}

func (w *stormWatch) logChange(c storm.Change, r *storm.Report) {
	level := slog.LevelInfo
	if c.To == storm.Storm {
		level = slog.LevelWarn
	}
	attributes := []any{"from", c.From, "to", c.To, "after_ms", c.After.Milliseconds(), "arrivals_per_second", r.Arrivals, "admissions_per_second", r.Admissions, "missing", r.Missing}
	w.log.Log(context.Background(), level, "the state of handshakes has changed", attributes...)
}

// report returns the report. With rate 0 it does not have the share of returning clients: the node does not remember which clients were
// here.
func (w *stormWatch) report(rate, cores int) storm.Report {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := w.watch.Report(rate, cores)
	if rate == 0 {
		r.Returning = nil
	}
	return r
}
