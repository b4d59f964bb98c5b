package server

import (
	"testing"
	"time"
)

func TestFullNodeSaysSo(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.MaxConnections, o.MaxSockets = 2, 3 })
	check := func(what string, err error, full bool) {
		t.Helper()
		if (err != nil) != full {
			t.Errorf("%s: %v, want an error: %v", what, err, full)
		}
	}
	w.join("alice")
	check("a slot left", w.server.SlotsLeft(), false)
	w.join("bob")
	check("no slot left", w.server.SlotsLeft(), true)
	check("a socket left", w.server.SocketsLeft(), false)
	w.dial("eve")
	check("no socket left", w.server.SocketsLeft(), true)
}

func TestReactorThatStandsStillIsFound(t *testing.T) {
	w := newWorld(t, 1, nil)
	w.shards()[1].reactor.Due()
	w.net.Stop(40 * time.Second)
	if err := w.server.Turning(time.Minute); err != nil {
		t.Error(err)
	}
	if err := w.server.Turning(30 * time.Second); err == nil {
		t.Error("a reactor that has not turned for 40 s is not found")
	}
	w.net.Settle()
	if err := w.server.Turning(0); err != nil {
		t.Errorf("after its turn: %v", err)
	}
	if lag := w.server.Figures().Lag; lag[0].Sum != 0 || lag[1].Count() != 1 || lag[1].Sum != 40*time.Second {
		t.Errorf("the lag is counted as %v", lag)
	}
}
