package server

import (
	"testing"
	"time"

	"momentum/server/auth"
)

// TestTheTickerForgetsRevocationsThatHaveEnded, at the interval of its sweeps.
func TestTheTickerForgetsRevocationsThatHaveEnded(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.CleanupInterval = time.Minute })
	w.revoke(auth.Ban(userID("alice"), w.net.Now().Add(10*time.Second).Unix()))
	w.net.Advance(30 * time.Second)
	if until := w.server.RevokedUntil(auth.Ban(userID("alice"), 0)); until == 0 {
		t.Error("the ban was forgotten before a sweep")
	}
	w.net.Advance(time.Minute)
	w.server.Tick()
	if until := w.server.RevokedUntil(auth.Ban(userID("alice"), 0)); until != 0 {
		t.Error("the ban is kept after the sweep")
	}
}

func TestTheInitialRulesHaveOneCopy(t *testing.T) {
	w := newWorld(t, 1, nil)
	if w.server.options.MaxConnections != 0 || w.server.rules.Load().MaxConnections != w.options.MaxConnections {
		t.Error("the rules of the options were kept beside those in force")
	}
	if !w.server.Now().Equal(w.net.Now()) || w.server.Group() == nil {
		t.Error("the node has another clock, or no reactors")
	}
}
