package logging

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// logged returns the output of one call of log.
func logged(t *testing.T, format string, log func(*slog.Logger)) string {
	t.Helper()
	var out bytes.Buffer
	l := New(&out, format, "", map[string]slog.Level{"netpoll": slog.LevelInfo})
	log(l.Of("netpoll"))
	if !l.Close(time.Minute) {
		t.Fatal("not all was written")
	}
	return out.String()
}

func TestEveryLineSaysItsPart(t *testing.T) {
	text := logged(t, "auto", func(log *slog.Logger) { log.Info("up", "reactors", 2) })
	var line map[string]any
	if err := json.Unmarshal([]byte(text), &line); err != nil {
		t.Fatalf("out is no terminal, so the line must be JSON: %v in %q", err, text)
	}
	if line["part"] != "netpoll" || line["msg"] != "up" || line["reactors"] != 2.0 || line["level"] != "INFO" {
		t.Errorf("%v", line)
	}
}

func TestLevelsAreOfEachPartAndCanChange(t *testing.T) {
	l := New(&bytes.Buffer{}, "json", "", map[string]slog.Level{"server": slog.LevelInfo, "admin": slog.LevelError})
	log := l.Of("server")
	for _, log := range []*slog.Logger{log, log.With("k", 1), log.WithGroup("g")} {
		if !log.Enabled(t.Context(), slog.LevelInfo) || log.Enabled(t.Context(), slog.LevelDebug) || l.Of("admin").Enabled(t.Context(), slog.LevelWarn) {
			t.Error("the levels are not in force")
		}
	}
	before := log.With("k", 1)
	l.SetLevels(map[string]slog.Level{"server": slog.LevelDebug})
	if !before.Enabled(t.Context(), slog.LevelDebug) || l.Of("admin").Enabled(t.Context(), slog.LevelWarn) {
		t.Error("the new level is not in force, or not of its part alone")
	}
}

// TestDroppedLinesAreReported writes to a reader that is late.
func TestDroppedLinesAreReportedWithTheNode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &reader{away: true}
		l := New(r, "json", "a", map[string]slog.Level{"main": slog.LevelError})
		l.Of("main").Error("unread")
		synctest.Wait()
		r.away = false
		l.Of("main").Error("read")
		l.Close(time.Minute)
		if got := r.got.String(); !strings.Contains(got, `"msg":"read","node":"a","part":"main"`) || !strings.HasSuffix(got, `"level":"WARN","msg":"log lines were dropped, because the reader of the log did not take them","node":"a","part":"main","lines":1}`+"\n") {
			t.Errorf("%q", got)
		}
	})
}
