package logging

import (
	"errors"
	"log/slog"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestTextHasNoColorsOffATerminal(t *testing.T) {
	text := logged(t, "text", func(log *slog.Logger) { log.Warn("slow disk") })
	if !strings.Contains(text, "WRN slow disk part=netpoll") || strings.Contains(text, "\x1b") {
		t.Errorf("%q", text)
	}
}

// color is a named number, like the reason of a close.
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
