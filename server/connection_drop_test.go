package server

import (
	"strings"
	"testing"
)

// TestTheIDOfAConnectionThatHasEndedNamesNoOther: the next connection has the same slot.
func TestTheIDOfAConnectionThatHasEndedNamesNoOther(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Reactors = 1 })
	alice := w.join("alice")
	id := w.selected(ConnectionFilter{User: userID("alice")}, 1)[0].ID
	alice.HangUp()
	bob := w.join("bob")
	if _, exists := w.shards()[0].sessions.look(1); w.server.sessionsNow() != 1 || exists && w.shards()[0].sessions.slot(1).conn != nil {
		t.Fatal("bob has another slot, so this shows nothing")
	}
	for _, one := range []string{id, "x", "", connectionID(w.server.epoch, 200<<56|1)} {
		e, err := finder{&w.server.node}.drop(one, "")
		w.net.Settle()
		if n, _ := e.Wait(t.Context()); n != 0 || err != nil {
			t.Errorf("%q closes %d, error %v", one, n, err)
		}
	}
	e, err := finder{&w.server.node}.drop(w.selected(ConnectionFilter{User: userID("bob")}, 1)[0].ID, "bye")
	w.net.Settle()
	if n, _ := e.Wait(t.Context()); n != 1 || err != nil {
		t.Errorf("%d are closed, error %v", n, err)
	}
	if received := bob.received(); received[len(received)-1] != "close 4004 bye" {
		t.Errorf("bob received %q", received)
	}
	if _, err := (finder{&w.server.node}).drop(id, strings.Repeat("x", 124)); err != ErrBadReason {
		t.Errorf("a long reason: %v", err)
	}
}
