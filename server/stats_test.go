package server

import (
	"fmt"
	"testing"

	"momentum/server/presence"
)

func TestStatsCountSessionsAndHandshakes(t *testing.T) {
	w := newWorld(t, 1, nil)
	w.join("alice")
	w.join("alice")
	w.dial("asking").Send([]byte("no request\r\n\r\n"))
	w.net.Settle()
	s := w.server.Stats()
	if s.TotalConnections != 2 || s.UniqueUsers != 1 || s.Accepted != 3 || s.Admitted != 2 || s.Sockets != 3 || s.Drain != nil {
		t.Errorf("the figures are %+v", s)
	}
	refused := uint64(0)
	for _, n := range s.Refused {
		refused += n
	}
	if refused != 1 {
		t.Errorf("%v were refused", s.Refused)
	}
}

func TestStatsSayHowArrivalsAreAnnounced(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.NewID = newIDs() })
	if how := w.server.Stats().Presence; how != "each" {
		t.Errorf("an empty node announces arrivals by %q", how)
	}
	for i := range presence.OnlineEach + 1 {
		w.join(fmt.Sprint("user", i))
	}
	if how := w.server.Stats().Presence; how != "summary" {
		t.Errorf("a full node announces arrivals by %q", how)
	}
}

func TestLogLinesDroppedMayBeUnknown(t *testing.T) {
	w := newWorld(t, 1, nil)
	if n := w.server.Stats().LogLinesDropped; n != 0 {
		t.Errorf("%d", n)
	}
	w = newWorld(t, 1, func(o *Options) { o.LogDropped = func() uint64 { return 7 } })
	if n := w.server.Stats().LogLinesDropped; n != 7 {
		t.Errorf("%d, want 7", n)
	}
}
