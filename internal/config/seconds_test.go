package config

import (
	"testing"
	"time"
)

func TestEveryTimeIsReadInBothSpellings(t *testing.T) {
	for _, text := range []string{"7", "7s", "7000ms"} {
		c, err := parse(t, map[string]string{"WS_CONNECTION_TIMEOUT": text, "WS_HEARTBEAT_INTERVAL": text},
			"--cleanup-interval="+text, "--heartbeat-timeout", text, "--drain-timeout", text)
		if err != nil {
			t.Fatal(err)
		}
		got := []time.Duration{c.ConnectionTimeout, c.HeartbeatInterval, c.CleanupInterval, c.HeartbeatTimeout, c.DrainTimeout}
		for i, d := range got {
			if d != 7*time.Second {
				t.Errorf("%q was read as %v by setting %d, want 7s", text, d, i)
			}
		}
	}
}
