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
}
