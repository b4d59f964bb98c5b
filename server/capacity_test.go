package server

import (
	"testing"
	"time"

	"momentum/netpoll"
)

// TestAReactorWithTooMuchToSendTakesNoMore fills one reactor in each way, and asks for room on both.
func TestAReactorWithTooMuchToSendTakesNoMore(t *testing.T) {
	all := func(int) bool { return true }
	other := func(reactor int) bool { return reactor == 1 }
	for name, fill := range map[string]func(*world){
		"bytes": func(w *world) { w.server.counters[0].Waits.Store(backlogBytes + 1) },
		"age": func(w *world) {
			since := w.server.group.Moment()
			w.net.Stop(backlogTime + time.Second)
			w.server.counters[0].WaitsSince.Store(uint32(since))
		},
	} {
		w := newWorld(t, 1, nil)
		w.net.Advance(netpoll.TickLength)
		c := w.server.capacity()
		if !c.forMany(0) || !c.forOne(0) || !c.on(all) {
			t.Errorf("%s: an idle reactor takes no message", name)
		}
		fill(w)
		if c.forMany(0) || c.on(all) {
			t.Errorf("%s: a full reactor takes messages for many", name)
		}
		if !c.on(other) || !c.forMany(1) || !c.forOne(0) {
			t.Errorf("%s: the other reactor, or a single connection, has to wait, too", name)
		}
	}
	w := newWorld(t, 1, nil)
	w.server.counters[0].Queued.Store(backlogBytes + 1)
	if c := w.server.capacity(); c.forOne(0) || !c.forOne(1) {
		t.Error("a reactor with too many bytes for single connections takes more")
	}
}
