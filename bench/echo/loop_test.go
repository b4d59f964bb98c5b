package main

import "testing"

// TestAClosedConnectionLeavesNothing of its request, its session or its membership.
func TestAClosedConnectionLeavesNothing(t *testing.T) {
	s := simulate(t, 1, 1, true, nil)
	l := s.loops[0]
	early := s.Dial()
	early.Send([]byte(request[:20]))
	member := s.join()
	member.Send(text("hello")[:3])
	if len(l.heads) != 1 || len(l.round.members) != 1 {
		t.Fatalf("%d partial requests and %d members, want 1 and 1", len(l.heads), len(l.round.members))
	}
	early.Reset()
	member.Reset()
	s.Settle()
	if len(l.heads) != 0 || len(l.round.members) != 0 {
		t.Errorf("%d partial requests and %d members are left", len(l.heads), len(l.round.members))
	}
	for slot, left := range l.sessions.pages[0] {
		if left.conn != nil {
			t.Errorf("the session at slot %d is left", slot)
		}
	}
}

// TestFramesAfterTheRequestInOneReadAreHandled: a client need not wait for the 101.
func TestFramesAfterTheRequestInOneReadAreHandled(t *testing.T) {
	p := simulate(t, 1, 1, false, nil).Dial()
	p.Send(append([]byte(request), text("hi")...))
	got := p.Received()
	if want := "\r\n\r\n\x81\x02hi"; len(got) < len(want) || string(got[len(got)-len(want):]) != want {
		t.Errorf("received %q", got)
	}
}
