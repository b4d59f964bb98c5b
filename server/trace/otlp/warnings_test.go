package otlp

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestWarningsComeOnceAMinute(t *testing.T) {
	var log bytes.Buffer
	now := start
	w := &warnings{now: func() time.Time { return now }, log: slog.New(slog.NewTextHandler(&log, nil))}
	for range 121 { // two minutes and a second
		w.say("no collector", errors.New("refused"), 7)
		w.library(errors.New("confused"))
		now = now.Add(time.Second)
	}
	if n := strings.Count(log.String(), "level=WARN"); n != 3 || !strings.Contains(log.String(), "lost=7") {
		t.Errorf("%d warnings:\n%s", n, log.String())
	}
}
