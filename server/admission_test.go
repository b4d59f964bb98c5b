package server

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"momentum/netpoll"
	"momentum/server/admit"
)

// asking returns a node of one reactor whose directory answers when the test tells it to.
func asking(t *testing.T, change func(*Options)) (*world, *roster) {
	r := newRoster()
	w := newWorld(t, 1, func(o *Options) {
		o.Reactors, o.Directory = 1, r
		if change != nil {
			change(o)
		}
	})
	return w, r
}

// firstReceived returns the first line that a client has received, or "".
func (c *client) firstReceived() string {
	if received := c.received(); len(received) > 0 {
		return received[0]
	}
	return ""
}

// TestALookupHasTheTimeLeftOfItsHandshake: a slow request leaves less time for the directory.
func TestALookupHasTheTimeLeftOfItsHandshake(t *testing.T) {
	w, r := asking(t, nil)
	began := w.net.Now()
	w.join("prompt")
	slow, request := w.dial("slow"), upgradeRequest(w.token("slow"))
	slow.Send(request[:10])
	w.net.Advance(3 * time.Second)
	slow.Send(request[10:])
	w.net.Settle()
	for i, q := range r.asked {
		if latest := began.Add(HandshakeTimeout - directoryMargin); !q.by.Equal(latest) {
			t.Errorf("question %d is to be answered by %v, want %v", i, q.by, latest)
		}
	}
	w.net.Advance(HandshakeTimeout - directoryMargin - 3*time.Second)
	if asked := r.answer("slow", "active"); asked != 1 {
		t.Fatalf("%d questions", asked)
	}
	w.net.Settle()
	if received := slow.firstReceived(); received != "101" {
		t.Errorf("answered at the last moment: %q", received)
	}
}

// TestRetryAfterOfTheDirectoryAndOfBans: clients that the directory failed are told to return at random times, a banned
// user when the ban ends.
func TestRetryAfterOfTheDirectoryAndOfBans(t *testing.T) {
	w, r := asking(t, nil)
	after := func(c *client) string {
		_, rest, _ := strings.Cut(string(c.Peer.Received()), "Retry-After: ")
		seconds, _, _ := strings.Cut(rest, "\r\n")
		return seconds
	}
	seen := map[string]bool{}
	for range 100 {
		c := w.join("alice")
		r.answer("alice", "down")
		w.net.Settle()
		seen[after(c)] = true
	}
	if len(seen) < admit.MaxRetryAfter/2 || seen[""] {
		t.Errorf("100 clients that the directory failed got only these times: %v", seen)
	}
	r.remember("bob", "active")
	if _, err := w.server.Disconnect(userID("bob"), "", w.net.Now().Add(90*time.Second).Unix()); err != nil {
		t.Fatal(err)
	}
	w.net.Advance(10 * time.Second)
	if got := after(w.join("bob")); got != "80" {
		t.Errorf("10 s into a ban of 90 s: Retry-After %q", got)
	}
}

// TestDeactivatedDuringTheHandshake deactivates a user at every point of a handshake: no connection is left.
func TestDeactivatedDuringTheHandshake(t *testing.T) {
	for at, slip := range map[string]func(w *world, r *roster, c *client){
		"when she was remembered": func(w *world, r *roster, c *client) {
			r.answer("eve", "active")
			c.Reset()
			w.net.Settle()
			r.remember("eve", "active")
			r.recalled = func() { w.deactivate("eve") }
			w.join("eve")
		},
		"while the directory is asked": func(w *world, r *roster, c *client) {
			w.deactivate("eve")
			r.answer("eve", "active")
		},
		"when it has answered": func(w *world, r *roster, c *client) {
			r.answer("eve", "active")
			w.deactivate("eve")
		},
		"while the rate limiter queues it": func(w *world, r *roster, c *client) {
			for range 10 { // the tick's share
				w.shards()[0].handshakes.limiter.Admit(nil, admit.New)
			}
			r.answer("eve", "active")
			w.net.Step()
			if w.shards()[0].handshakes.limiter.Waiting() != 1 {
				w.t.Error("the handshake is not queued: this test shows nothing")
			}
			w.deactivate("eve")
			w.net.Advance(netpoll.TickLength)
		},
		"when she is live": func(w *world, r *roster, c *client) {
			r.answer("eve", "active")
			w.net.Settle()
			w.deactivate("eve")
		},
	} {
		t.Run(at, func(t *testing.T) {
			w, r := asking(t, func(o *Options) { o.HandshakeRate = 100 })
			eve := w.join("eve")
			slip(w, r, eve)
			w.net.Settle()
			if live := w.server.sessionsNow(); live != 0 {
				t.Errorf("received %q, and is live", eve.received())
			}
			received := eve.received()
			if last := received[len(received)-1]; last != "EOF" && last != "close 4003 the user is no longer active" {
				t.Errorf("received %q", received)
			}
			back := w.join("eve")
			r.answer("eve", "active")
			w.net.Advance(2 * netpoll.TickLength)
			if received := back.firstReceived(); received != "101" {
				t.Errorf("active again, she received %q", received)
			}
		})
	}
}

// TestDeactivationsBeyondTheBound deactivates more users at once than are remembered: no handshake under way is
// admitted.
func TestDeactivationsBeyondTheBound(t *testing.T) {
	w, r := asking(t, nil)
	first, other := w.join("first"), w.join("other")
	w.deactivate("first")
	for i := range maxDeactivations {
		w.deactivate(fmt.Sprint("user", i))
	}
	r.answer("first", "active")
	r.answer("other", "active")
	w.net.Settle()
	for _, c := range []*client{first, other} {
		if received := c.firstReceived(); !strings.HasPrefix(received, `503 {"error":"directory"`) {
			t.Errorf("%s received %q", c.name, received)
		}
	}
	late := w.join("late")
	r.answer("late", "active")
	w.net.Settle()
	if received := late.firstReceived(); received != "101" {
		t.Errorf("after all of them: %q", received)
	}
	w.net.Advance(2 * HandshakeTimeout)
	for i := range maxDeactivations { // earlier ones are forgotten one by one
		w.deactivate(fmt.Sprint("more", i))
	}
	if n := len(w.server.deactivations.users); n > maxDeactivations {
		t.Errorf("%d are remembered", n)
	}
}

// TestEveryOutcomeOfALookupReleasesEverything: connection slots and places in the rate limiter.
func TestEveryOutcomeOfALookupReleasesEverything(t *testing.T) {
	w, r := asking(t, func(o *Options) { o.HandshakeRate = 1000 })
	for i, standing := range []string{"active", "inactive", "unknown", "down"} {
		for j, leave := range []func(*client){func(*client) {}, func(c *client) { c.Reset() }, func(c *client) { c.Send(make([]byte, maxEarlyBytes+1)) }} {
			name := fmt.Sprint("user", i, "-", j)
			c := w.join(name)
			leave(c)
			w.net.Settle()
			if asked := r.answer(name, standing); asked != 1 {
				t.Errorf("%s: %d asked", name, asked)
			}
			w.net.Settle()
			c.Reset()
		}
	}
	w.net.Advance(10 * time.Second)
	if l := &w.shards()[0].handshakes.limiter; l.Entered() != 0 || w.server.slots.Taken() != 0 {
		t.Errorf("%d places at the rate limiter and %d slots are taken", l.Entered(), w.server.slots.Taken())
	}
	if err := w.audit(); err != nil {
		t.Error(err)
	}
}

// TestTheRateLimiterDoesNotCountTheDirectorysTime: a handshake that waited a second for the directory may also wait in
// the rate limiter.
func TestTheRateLimiterDoesNotCountTheDirectorysTime(t *testing.T) {
	w, r := asking(t, func(o *Options) { o.HandshakeRate = 10 })
	first, second := w.join("first"), w.join("second")
	w.net.Advance(time.Second)
	r.answer("first", "active")
	r.answer("second", "active")
	w.net.Settle()
	w.net.Advance(netpoll.TickLength)
	for _, c := range []*client{first, second} {
		if received := c.firstReceived(); received != "101" {
			t.Errorf("%s received %q", c.name, received)
		}
	}
}
