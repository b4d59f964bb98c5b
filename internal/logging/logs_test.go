package logging

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// logged returns the output of one call of log.
func logged(t *testing.T, format string, log func(*slog.Logger)) string {
	t.Helper()
	var out bytes.Buffer
	l := New(&out, format, map[string]slog.Level{"netpoll": slog.LevelInfo})
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

func TestTextHasNoColorsOffATerminal(t *testing.T) {
	text := logged(t, "text", func(log *slog.Logger) { log.Warn("slow disk") })
	if !strings.Contains(text, "WRN slow disk part=netpoll") || strings.Contains(text, "\x1b") {
		t.Errorf("%q", text)
	}
}

// color is a named number, as the reason of a close is.
type color uint8

func (color) String() string { return "red" }

// TestAttributesAreReadableInEachFormat: neither format writes a bare number of nanoseconds, or the number of a name.
func TestAttributesAreReadableInEachFormat(t *testing.T) {
	for _, tt := range []struct {
		value      any
		json, text string
	}{
		{5166 * time.Millisecond, `"key_ms":5166`, "key_ms=5166"},
		{color(26), `"key":"red"`, "key=red"},
		{errors.New("no route"), `"key":"no route"`, `key="no route"`},
		{slog.LevelWarn, `"key":"WARN"`, "key=WARN"},
		{netip.MustParseAddr("::1"), `"key":"::1"`, "key=::1"},
		{(*url.URL)(nil), `"key":"<nil>"`, "key=<nil>"},
		{uint64(7), `"key":7`, "key=7"},
		{slog.GroupValue(slog.Duration("in", time.Second)), `"key":{"in_ms":1000}`, "key.in_ms=1000"},
	} {
		for format, want := range map[string]string{"json": tt.json, "text": tt.text} {
			for name, log := range map[string]func(*slog.Logger){
				"Info": func(log *slog.Logger) { log.Info("x", "key", tt.value) },
				"With": func(log *slog.Logger) { log.With("key", tt.value).Info("x") },
			} {
				if line := logged(t, format, log); !strings.Contains(line, want) {
					t.Errorf("%s, %s of %T: %q, want %q", name, format, tt.value, line, want)
				}
			}
		}
	}
}

func TestLevelsAreOfEachPartAndCanChange(t *testing.T) {
	l := New(&bytes.Buffer{}, "json", map[string]slog.Level{"server": slog.LevelInfo, "admin": slog.LevelError})
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

// TestDroppedLinesAreTold writes to a reader that comes late.
func TestDroppedLinesAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &reader{away: true}
		l := New(r, "json", map[string]slog.Level{"main": slog.LevelError})
		l.Of("main").Error("unread")
		synctest.Wait()
		r.away = false
		l.Of("main").Error("read")
		l.Close(time.Minute)
		if got := r.got.String(); !strings.HasSuffix(got, `"level":"WARN","msg":"log lines were dropped, because the reader of the log did not take them","part":"main","lines":1}`+"\n") {
			t.Errorf("%q", got)
		}
	})
}
