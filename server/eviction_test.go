package server

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"momentum/server/auth"
)

// TestEvictionsAreNotedBeforeTheyArePosted has the reactor make the eviction, and then admit a handshake that was under
// way, before the call that posted the eviction continues. If that call noted the ban, revocation or deactivation only
// then, the new connection would never be closed.
func TestEvictionsAreNotedBeforeTheyArePosted(t *testing.T) {
	for name, evict := range map[string]func(w *world){
		"a ban": func(w *world) { _, _ = w.server.Disconnect(userID("eve"), "", w.net.Now().Add(time.Hour).Unix()) },
		"a revocation of the token": func(w *world) {
			_, _ = w.server.Revoke(auth.Revocation{TokenID: "jti", Until: auth.Forever})
		},
		"a revocation of the user's tokens": func(w *world) {
			_, _ = w.server.Revoke(auth.Revocation{UserID: userID("eve"), IssuedBefore: w.net.Now().Unix() + 1, Until: auth.Forever})
		},
		"a deactivation": func(w *world) { w.deactivate("eve") },
	} {
		t.Run(name, func(t *testing.T) {
			w, r := asking(t, nil)
			eve := w.dial("eve")
			eve.Send(upgradeRequest(w.tokenWith("eve", "1h jti")))
			w.net.Settle()
			w.net.Rung = func() {
				w.net.Rung = nil
				w.net.Settle() // the eviction
				r.answer("eve", "active")
				w.net.Settle() // the handshake
			}
			evict(w)
			w.net.Settle()
			if w.net.Rung != nil {
				t.Error("no reactor was asked for anything")
			}
			if live := w.server.sessionsNow(); live != 0 {
				t.Errorf("%d are live; eve: %q", live, eve.received())
			}
		})
	}
}

// TestRevokeDoesNotWaitForReactors: the listener of the database goes on to the next notification although the reactors
// stand still.
func TestRevokeDoesNotWaitForReactors(t *testing.T) {
	w := newWorld(t, 1, nil)
	alice := w.dial("alice")
	alice.Send(upgradeRequest(w.tokenWith("alice", "1h jti")))
	w.net.Settle()
	e, err := w.server.Revoke(auth.Revocation{TokenID: "other", Until: auth.Forever}, auth.Revocation{TokenID: "jti", Until: auth.Forever})
	if n := w.server.Stats().Revocations; err != nil || n != 2 {
		t.Errorf("%d revocations in force, error %v", n, err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if closed, err := e.Wait(over); closed != 0 || err == nil {
		t.Errorf("%d closed before any reactor has turned, error %v", closed, err)
	}
	w.net.Settle()
	if closed, err := e.Wait(t.Context()); closed != 1 || err != nil {
		t.Errorf("%d closed, error %v", closed, err)
	}
	again, err := w.server.Revoke(auth.Revocation{TokenID: "jti", Until: auth.Forever})
	if err != nil {
		t.Fatal(err)
	}
	if closed, err := again.Wait(t.Context()); closed != 0 || err != nil { // no reactor has turned since
		t.Errorf("in force already: %d closed, error %v", closed, err)
	}
}

// TestEvictionsLeaveTurnsToOthers closes more connections than fit into a turn: another client's pings are answered
// meanwhile, and all are closed in the end.
func TestEvictionsLeaveTurnsToOthers(t *testing.T) {
	const connections = 1000
	for name, r := range map[string]auth.Revocation{
		"of a token": {TokenID: "jti", Until: auth.Forever},
		"of a user":  auth.Ban(userID("eve"), auth.Forever),
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 1, func(o *Options) { o.Reactors = 1 })
			token := w.tokenWith("eve", "1h jti")
			for range connections {
				w.dial("eve").Send(upgradeRequest(token))
				w.net.Settle()
			}
			bob := w.join("bob")
			bob.received()
			e, err := w.server.Revoke(r)
			if err != nil {
				t.Fatal(err)
			}
			turns, pongs := 0, 0
			for before := w.server.sessionsNow(); before > 1; turns++ {
				bob.Transmit(frame(9, []byte("x")))
				w.net.Step()
				after := w.server.sessionsNow()
				if before-after > evictionBudget/closeCost {
					t.Fatalf("%d closed in one step", before-after)
				}
				before = after
				pongs += strings.Count(fmt.Sprint(bob.received()), "pong")
			}
			if closed, err := e.Wait(t.Context()); closed != connections || err != nil {
				t.Errorf("%d closed, error %v", closed, err)
			}
			if pongs < turns/3 {
				t.Errorf("%d pongs in %d steps", pongs, turns)
			}
			if err := w.audit(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestEvictionsWithoutConnectionsAreBounded: a look-up that finds no connection costs little, but a whole table of them takes
// several turns.
func TestEvictionsWithoutConnectionsAreBounded(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Reactors = 1 })
	bob := w.join("bob")
	bob.received()
	all := make([]auth.Revocation, 10*evictionBudget)
	for i := range all {
		all[i] = auth.Revocation{TokenID: fmt.Sprint(i), Until: auth.Forever}
	}
	all = append(all, auth.Ban(userID("bob"), auth.Forever))
	if _, err := w.server.Revoke(all...); err != nil {
		t.Fatal(err)
	}
	turns := 0
	for ; w.server.sessionsNow() > 0 && w.net.Step(); turns++ {
	}
	if turns < 20 || turns > 22 {
		t.Errorf("%d targets took %d turns", len(all), turns)
	}
}

// TestEvictionsInOneTurnShareItsBudget posts many at once.
func TestEvictionsInOneTurnShareItsBudget(t *testing.T) {
	const users = 400
	w := newWorld(t, 1, func(o *Options) { o.Reactors = 1 })
	for i := range users {
		w.join(fmt.Sprint("user", i))
	}
	for i := range users {
		if _, err := w.server.Disconnect(userID(fmt.Sprint("user", i)), "", 0); err != nil {
			t.Fatal(err)
		}
	}
	for before := w.server.sessionsNow(); before > 0; {
		w.net.Step()
		if after := w.server.sessionsNow(); before-after > evictionBudget/closeCost {
			t.Fatalf("%d closed in one turn", before-after)
		} else {
			before = after
		}
	}
}

// scaled returns a node with a million connections on one reactor, each with a token of its own in the index.
func scaled(b *testing.B) *world {
	b.Helper()
	const connections = 1_000_000
	w := newWorld(b, 1, func(o *Options) { o.Reactors, o.MaxSockets = 1, 1<<24 })
	for range connections {
		w.net.Dial()
	}
	sh := w.shards()[0]
	n := 0
	for s := range sh.sessions.all() {
		n++
		s.token.hash = w.server.tokenHash(fmt.Sprint("t", n))
		sh.tokens.index.add(s.conn.Slot())
	}
	b.ResetTimer()
	return w
}

// BenchmarkRevoke revokes tokens without connections on a reactor with a million connections: one alone, and as many as
// a node holds, as a listener brings them after it was disconnected. It reports the longest turn.
func BenchmarkRevoke(b *testing.B) {
	for _, many := range []int{1, auth.MaxRevocations} {
		b.Run(fmt.Sprint(many), func(b *testing.B) {
			w := scaled(b)
			targets := make([]target, many)
			for i := range targets {
				targets[i].token = w.server.tokenHash(fmt.Sprint("unknown", i))
			}
			longest, turns := time.Duration(0), 0
			for b.Loop() {
				w.server.evict(targets...)
				for began := time.Now(); w.net.Step(); began = time.Now() {
					longest = max(longest, time.Since(began))
					turns++
				}
			}
			b.ReportMetric(float64(longest.Nanoseconds()), "ns/longest-turn")
			b.ReportMetric(float64(turns)/float64(b.N), "turns/op")
		})
	}
}
