package server

import (
	"slices"
	"strings"
	"testing"
	"time"

	"momentum/netpoll"
	"momentum/server/admit"
	"momentum/server/auth"
)

// TestARefreshReadAfterAStallCounts: a new token that arrived while the process stood still is accepted, although the old
// one has expired meanwhile.
func TestARefreshReadAfterAStallCounts(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Reactors, o.HeartbeatInterval = 1, time.Hour })
	alice, bob := w.dial("alice"), w.dial("bob")
	for _, c := range []*client{alice, bob} {
		c.Send(upgradeRequest(w.tokenWith(c.name, "30s")))
	}
	w.net.Settle()
	w.net.Stop(70 * time.Second)
	sweep := w.server.startSweep(0)
	w.net.Step() // the turn that sees the clock
	alice.text(refreshMessage(w.tokenWith("alice", "1h")))
	w.net.Settle()
	if live := w.server.sessionsNow(); live != 1 || sweep.left.Load() != 1 {
		t.Errorf("%d are live, %d by the sweep; want alice, who has a new token", live, sweep.left.Load())
	}
	w.net.Advance(time.Minute)
	if received := alice.received(); !strings.Contains(strings.Join(received, " "), `"refreshed"`) || w.server.sessionsNow() != 1 {
		t.Errorf("alice received %q", received)
	}
}

// TestExpiryWaitsForTheCheckOfANewToken, whatever its outcome, and a session has one token checked at a time.
func TestExpiryWaitsForTheCheckOfANewToken(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) {
		o.Reactors, o.HeartbeatInterval, o.AdmissionWorkers = 1, time.Hour, ByHand
	})
	judge := func() {
		for _, waits := w.server.CheckNext(); waits; _, waits = w.server.CheckNext() {
		}
		w.net.Settle()
	}
	for _, life := range []string{"1h", "-1h"} {
		alice := w.dial("alice")
		alice.Send(upgradeRequest(w.tokenWith("alice", "1s")))
		judge()
		w.net.Advance(30 * time.Second)
		alice.text(refreshMessage(w.tokenWith("alice", life)))
		alice.text(refreshMessage(w.tokenWith("alice", life)))
		w.net.Advance(1500 * time.Millisecond)
		if w.server.sessionsNow() != 1 {
			t.Fatal("closed while its token is being checked")
		}
		if received := strings.Join(alice.received(), " "); strings.Count(received, "refresh_refused") != 1 {
			t.Errorf("two tokens at once: %q", received)
		}
		judge()
		w.net.Advance(netpoll.TickLength)
		if live := w.server.sessionsNow(); (live == 1) != (life == "1h") {
			t.Errorf("with a token of %s, %d are live", life, live)
		}
		alice.Reset()
		w.net.Settle()
	}
}

// TestARefreshRefusedAfterAStallEndsTheSession by its deadline, before the sweep, which would report it as a fault of the
// wheel.
func TestARefreshRefusedAfterAStallEndsTheSession(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) {
		o.Reactors, o.HeartbeatInterval, o.AdmissionWorkers = 1, time.Hour, ByHand
	})
	alice := w.dial("alice")
	alice.Send(upgradeRequest(w.tokenWith("alice", "1s")))
	w.server.CheckNext()
	w.net.Advance(30 * time.Second)
	alice.text(refreshMessage("no token"))
	w.net.Stop(70 * time.Second)
	sweep := w.server.startSweep(sweepGrace)
	w.server.CheckNext()
	w.net.Settle()
	if live := w.server.sessionsNow(); live != 0 || sweep.closed.Load() != 0 {
		t.Errorf("%d are live, and the sweep closed %d", live, sweep.closed.Load())
	}
}

// TestInvalidRefreshesDoNotExtendASession has a client send one invalid token after the other: its session outlives the
// token by the time of one check.
func TestInvalidRefreshesDoNotExtendASession(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) {
		o.Reactors, o.HeartbeatInterval, o.AdmissionWorkers, o.RateLimit = 1, time.Hour, ByHand, 0
	})
	alice := w.dial("alice")
	alice.Send(upgradeRequest(w.tokenWith("alice", "1s")))
	w.server.CheckNext()
	w.net.Advance(31 * time.Second)
	for range 40 {
		alice.text(refreshMessage("no token"))
		w.net.Advance(netpoll.TickLength / 2)
		w.server.CheckNext()
		w.net.Settle()
		alice.text(refreshMessage("no token"))
		w.net.Advance(netpoll.TickLength / 2)
	}
	if w.server.sessionsNow() != 0 {
		t.Error("live 4 s after its token's end")
	}
	if last := alice.received(); len(last) == 0 || !strings.HasPrefix(last[len(last)-1], "close 4001") {
		t.Errorf("received last: %q", last)
	}
}

// TestACheckThatHangsDoesNotExtendASession: the check of the new token takes longer than one may.
func TestACheckThatHangsDoesNotExtendASession(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) {
		o.Reactors, o.HeartbeatInterval, o.AdmissionWorkers = 1, time.Hour, ByHand
	})
	alice := w.dial("alice")
	alice.Send(upgradeRequest(w.tokenWith("alice", "1s")))
	w.server.CheckNext()
	w.net.Advance(30 * time.Second)
	alice.text(refreshMessage(w.tokenWith("alice", "1h")))
	w.net.Advance(2900 * time.Millisecond)
	if w.server.sessionsNow() != 1 {
		t.Fatal("closed before the check could be through")
	}
	w.net.Advance(netpoll.TickLength * 3)
	if w.server.sessionsNow() != 0 {
		t.Error("live after the time that a check may take")
	}
	w.server.CheckNext()
	w.net.Settle()
	if err := w.audit(); err != nil {
		t.Error(err)
	}
}

// TestSessionsThatEndDuringARefresh release everything, and the outcome affects no other session.
func TestSessionsThatEndDuringARefresh(t *testing.T) {
	for how, leave := range map[string]func(*world, *client){
		"reset":       func(_ *world, c *client) { c.Reset() },
		"deactivated": func(w *world, _ *client) { w.deactivate("alice") },
		"close":       func(_ *world, c *client) { c.Send(frame(8, []byte{3, 232})) },
		"banned":      func(w *world, _ *client) { w.revoke(auth.Ban(userID("alice"), w.net.Now().Add(time.Hour).Unix())) },
	} {
		t.Run(how, func(t *testing.T) {
			w := newWorld(t, 1, func(o *Options) { o.Reactors, o.AdmissionWorkers = 1, ByHand })
			alice := w.join("alice")
			w.server.CheckNext()
			w.net.Settle()
			alice.text(refreshMessage(w.tokenWith("alice", "1h new")))
			leave(w, alice)
			w.net.Settle()
			bob := w.join("bob") // perhaps in her slot
			for range 2 {
				w.server.CheckNext()
				w.net.Settle()
			}
			if received := bob.firstReceived(); received != "101" {
				t.Errorf("bob received %q", received)
			}
			w.net.Advance(10 * time.Second)
			if err := w.audit(); err != nil || w.server.sessionsNow() != 1 {
				t.Errorf("audit: %v; %d sessions", err, w.server.sessionsNow())
			}
			if left := len(w.shards()[0].tokens.index.rings); left != 0 {
				t.Errorf("%d tokens are left in the index", left)
			}
			if spare := w.shards()[0].handshakes.spares.free; len(spare) == 0 || slices.ContainsFunc(spare, func(h *handshake) bool { return h.gone }) {
				t.Error("a handshake was not put away clean")
			}
		})
	}
}

// TestRefreshesCountAgainstTheRateLimit like any message.
func TestRefreshesCountAgainstTheRateLimit(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.RateLimit = 2 })
	alice := w.join("alice")
	for range 2*admit.BurstSeconds + 1 {
		alice.text(refreshMessage(w.tokenWith("alice", "1h")))
		w.net.Settle()
	}
	received := strings.Join(alice.received(), " ")
	if strings.Count(received, `"refreshed"`) != 2*admit.BurstSeconds || !strings.Contains(received, `"rate_limited"`) {
		t.Errorf("received %q", received)
	}
}

// TestARefreshReplacesTheTokenInTheIndex: no session is found by the old token, and its entry is removed.
func TestARefreshReplacesTheTokenInTheIndex(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Reactors = 1 })
	alice := w.dial("alice")
	alice.Send(upgradeRequest(w.tokenWith("alice", "1h first")))
	w.net.Settle()
	for _, id := range []string{"second", "third"} {
		alice.text(refreshMessage(w.tokenWith("alice", "1h "+id)))
		w.net.Settle()
		if n := len(w.shards()[0].tokens.index.rings); n != 1 {
			t.Errorf("%d tokens in the index after the %s", n, id)
		}
	}
	for _, id := range []string{"first", "second", "third"} {
		closed := w.revoke(auth.Revocation{TokenID: id, Until: auth.Forever})
		if want := map[bool]int{true: 1}[id == "third"]; closed != want {
			t.Errorf("revoking the %s closed %d, want %d", id, closed, want)
		}
	}
	if n := len(w.shards()[0].tokens.index.rings); n != 0 {
		t.Errorf("%d tokens are left in the index", n)
	}
}

// TestABannedUsersRefreshIsRefused: the outcome of the check arrives after the ban was noted and before the eviction.
func TestABannedUsersRefreshIsRefused(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Reactors, o.AdmissionWorkers = 1, ByHand })
	alice := w.join("alice")
	w.server.CheckNext()
	w.net.Settle()
	alice.text(refreshMessage(w.tokenWith("alice", "1h")))
	w.server.CheckNext()
	if _, err := w.server.Disconnect(userID("alice"), "", w.net.Now().Add(time.Hour).Unix()); err != nil {
		t.Fatal(err)
	}
	w.net.Settle()
	received := strings.Join(alice.received(), "\n")
	if !strings.Contains(received, `"code":"banned"`) || strings.Contains(received, `"refreshed"`) || !strings.Contains(received, "close 4004") {
		t.Errorf("received %s", received)
	}
}

// TestABusyNodeTakesTheTokenLater: a refresh that found the queue full does not make the node refuse the next one.
func TestABusyNodeTakesTheTokenLater(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Reactors, o.AdmissionWorkers = 1, ByHand })
	alice := w.join("alice")
	w.server.CheckNext()
	w.net.Settle()
	alice.received()
	c, _ := newCheck(t, time.Hour, w.net.Now())
	for range maxTokenChecks {
		w.server.checks.queue <- c
	}
	alice.text(refreshMessage(w.tokenWith("alice", "1h")))
	if received := strings.Join(alice.received(), " "); !strings.Contains(received, "refresh_refused") || !strings.Contains(received, "busy") {
		t.Errorf("with a full queue: %q", received)
	}
	for range maxTokenChecks {
		<-w.server.checks.queue
	}
	alice.text(refreshMessage(w.tokenWith("alice", "1h")))
	w.server.CheckNext()
	w.net.Settle()
	if received := strings.Join(alice.received(), " "); !strings.Contains(received, `"refreshed"`) {
		t.Errorf("later: %q", received)
	}
}
