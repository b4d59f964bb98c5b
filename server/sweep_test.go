package server

import (
	"testing"
	"time"

	"momentum/netpoll"
)

// TestCleanupClosesNow tests POST /ws/cleanup: connections past their deadline are closed at once, all others stay.
func TestCleanupClosesNow(t *testing.T) {
	w := newWorld(t, 1, nil)
	w.net.Advance(400 * time.Second)
	overdue, fresh := w.join("overdue"), w.join("fresh")
	for _, sh := range w.shards() {
		for s := range sh.sessions.live() {
			if s.user.ID == userID("overdue") {
				s.life.seen -= ticks(w.options.ConnectionTimeout) // as if its deadline had been missed
			}
		}
	}
	overdue.received()
	fresh.received()
	sweep := w.server.startSweep(0)
	w.net.Settle()
	if closed, left := sweep.closed.Load(), sweep.left.Load(); closed != 1 || left != 1 {
		t.Errorf("cleaned %d, %d remain", closed, left)
	}
	if received := overdue.received(); len(received) != 1 || received[0] != "close 1001 idle for too long" {
		t.Errorf("the overdue connection received %q", received)
	}
	if received := fresh.received(); received != nil {
		t.Errorf("the fresh connection received %q", received)
	}
}

// TestSweepAfterAStall has the sweep run in the first turn after a stall, when an answer to a ping waits unread.
func TestSweepAfterAStall(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Reactors = 1 })
	c := w.join("alice")
	for received := c.received(); len(received) == 0 || received[len(received)-1] != "ping"; received = c.received() {
		w.net.Advance(netpoll.TickLength)
	}
	w.net.Stop(20 * time.Second)
	sweep := w.server.startSweep(0)
	w.net.Step()
	c.Send(frame(10, nil))
	w.net.Settle()
	if closed, left := sweep.closed.Load(), sweep.left.Load(); closed != 0 || left != 1 {
		t.Errorf("the sweep closed %d and left %d", closed, left)
	}
}
