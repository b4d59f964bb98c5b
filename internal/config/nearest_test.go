package config

import "testing"

func TestNearest(t *testing.T) {
	known := map[string]int{"port": 0, "host": 0, "heartbeat-interval": 0, "heartbeat-timeout": 0}
	for text, want := range map[string]string{
		"prot": "port", "hots": "host", "heartbeat-timout": "heartbeat-timeout", "HEARTBEAT_INTERVALL": "heartbeat-interval", "port": "port", "": "host",
	} {
		if got := Nearest(text, known); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	for _, tt := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"kitten", "sitting", 3}, {"flaw", "lawn", 2}} {
		if got := edits(tt.a, tt.b); got != tt.want {
			t.Errorf("%q to %q: %d edits, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}
