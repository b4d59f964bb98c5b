package server

import (
	"testing"
	"time"

	"momentum/server/admit"
)

// speak sends that many messages, and returns how many of them the other client gets.
func (w *world) speak(c, listener *client, messages int) int {
	for range messages {
		c.text(`{"message_type":"text"}`)
	}
	w.net.Settle()
	return len(listener.received())
}

// TestRateLimitOutlivesConnections has a client end its connection and return in every way that could give it a new
// burst, and counts the messages that are delivered.
func TestRateLimitOutlivesConnections(t *testing.T) {
	const limit, burst = 10, 10 * admit.BurstSeconds
	w := newWorld(t, 1, func(o *Options) { o.RateLimit = limit })
	bob := w.join("bob")
	bob.received()
	come := func() *client {
		c := w.join("alice")
		bob.received()
		return c
	}
	alice := come()
	if got := w.speak(alice, bob, burst+3); got != burst {
		t.Fatalf("bob received %d of a first burst of %d", got, burst)
	}
	for i, end := range []func(){alice.HangUp, alice.Reset, func() { alice.Send(frame(8, nil)) }, func() { w.speak(alice, bob, 2*limit) }} {
		end()
		w.net.Settle()
		for range 3 { // a reconnection may bring it to another reactor
			alice = come()
			if got := w.speak(alice, bob, burst); got != 0 {
				t.Errorf("way %d: bob received %d messages more from a client that only came back", i, got)
			}
			alice.HangUp()
		}
		alice = come()
	}
	w.net.Advance(time.Second)
	if got := w.speak(alice, bob, burst); got != limit {
		t.Errorf("a second later bob received %d, %d are earned in it", got, limit)
	}
	alice.HangUp()
	w.net.Advance(admit.BurstSeconds * time.Second) // not yet forgotten
	if got := w.speak(come(), bob, 2*burst); got != burst {
		t.Errorf("back after %d s, bob received %d, a burst is %d", admit.BurstSeconds, got, burst)
	}
}

// TestRateLimitOfEachConnection: the second connection of a user begins with a burst of its own. The third, which
// replaces one that has spent its burst, does not.
func TestRateLimitOfEachConnection(t *testing.T) {
	const burst = 10 * admit.BurstSeconds
	w := newWorld(t, 1, func(o *Options) { o.RateLimit = 10 })
	bob := w.join("bob")
	bob.received()
	first := w.join("alice")
	bob.received()
	for i, want := range []int{burst, burst, 0} {
		if i == 1 {
			first = w.join("alice")
		}
		if i == 2 {
			first.HangUp()
			w.net.Settle()
			first = w.join("alice")
		}
		if got := w.speak(first, bob, burst); got != want {
			t.Errorf("connection %d: bob received %d, want %d", i, got, want)
		}
	}
}
