package main

import (
	"testing"

	"momentum/netpoll"
)

// TestSessionsNeverMove: the round and the loop keep pointers to them.
func TestSessionsNeverMove(t *testing.T) {
	s := simulate(t, 1, 1, true, func(o *netpoll.Options) { o.MaxSockets = 2*sessionsPerPage + 10 })
	s.join()
	first := s.loops[0].round.members[0]
	for range 2 * sessionsPerPage {
		s.Dial()
	}
	if pages := len(s.loops[0].sessions.pages); pages != 3 {
		t.Fatalf("%d pages: this test shows nothing", pages)
	}
	if s.loops[0].round.members[0] != first || s.loops[0].sessions.at(first.conn) != first {
		t.Error("a session has moved")
	}
}
