package server

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"momentum/netpoll"
	"momentum/server/admit"
	"momentum/server/auth"
)

// asking is a node of one reactor with a directory that answers when it is told to.
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

// heardFirst returns the first line a client hears, or "".
func (c *client) heardFirst() string {
	if heard := c.heard(); len(heard) > 0 {
		return heard[0]
	}
	return ""
}

// TestDirectoryIsAskedWithinTheHandshake: what a client takes for its request is taken off the directory's time.
func TestDirectoryIsAskedWithinTheHandshake(t *testing.T) {
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
	if heard := slow.heardFirst(); heard != "101" {
		t.Errorf("answered at the last moment: %q", heard)
	}
}

// TestRetryAfterOfTheDirectoryAndOfBans: a fleet comes back spread, who is banned when it is over.
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
	if len(seen) < admit.RetryAfterMost/2 || seen[""] {
		t.Errorf("100 whom the directory failed were told only these: %v", seen)
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

// TestNobodySlipsInBehindAShutOut shuts a user out at every point of the handshake.
func TestNobodySlipsInBehindAShutOut(t *testing.T) {
	for at, slip := range map[string]func(w *world, r *roster, c *client){
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
				w.shards()[0].limiter.Admit(nil, admit.New)
			}
			r.answer("eve", "active")
			w.net.Step()
			if w.shards()[0].limiter.Waiting() != 1 {
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
				t.Errorf("heard %q, and is live", eve.heard())
			}
			heard := eve.heard()
			if last := heard[len(heard)-1]; last != "EOF" && last != "close 4003 the user is no longer active" {
				t.Errorf("heard %q", heard)
			}
			back := w.join("eve")
			r.answer("eve", "active")
			w.net.Advance(2 * netpoll.TickLength)
			if heard := back.heardFirst(); heard != "101" {
				t.Errorf("active again, she hears %q", heard)
			}
		})
	}
}

// TestShutOutsBeyondNumber: when more are shut out at once than are remembered, nobody under way gets in.
func TestShutOutsBeyondNumber(t *testing.T) {
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
		if heard := c.heardFirst(); !strings.HasPrefix(heard, `503 {"error":"directory"`) {
			t.Errorf("%s heard %q", c.name, heard)
		}
	}
	late := w.join("late")
	r.answer("late", "active")
	w.net.Settle()
	if heard := late.heardFirst(); heard != "101" {
		t.Errorf("behind them all: %q", heard)
	}
	w.net.Advance(2 * HandshakeTimeout)
	for i := range maxDeactivations { // those of before are forgotten one by one
		w.deactivate(fmt.Sprint("more", i))
	}
	if n := len(w.server.deactivations.users); n > maxDeactivations {
		t.Errorf("%d are remembered", n)
	}
}

// TestEveryWayThroughTheDirectoryGivesEverythingBack: slots, and places at the rate limiter.
func TestEveryWayThroughTheDirectoryGivesEverythingBack(t *testing.T) {
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
	if l := &w.shards()[0].limiter; l.Entered() != 0 || w.server.slots.Taken() != 0 {
		t.Errorf("%d places at the rate limiter and %d slots are taken", l.Entered(), w.server.slots.Taken())
	}
	if err := w.audit(); err != nil {
		t.Error(err)
	}
}

// TestTheRateLimiterDoesNotCountTheDirectorysTime: a handshake that has waited a second for the directory may be queued.
func TestTheRateLimiterDoesNotCountTheDirectorysTime(t *testing.T) {
	w, r := asking(t, func(o *Options) { o.HandshakeRate = 10 })
	first, second := w.join("first"), w.join("second")
	w.net.Advance(time.Second)
	r.answer("first", "active")
	r.answer("second", "active")
	w.net.Settle()
	w.net.Advance(netpoll.TickLength)
	for _, c := range []*client{first, second} {
		if heard := c.heardFirst(); heard != "101" {
			t.Errorf("%s heard %q", c.name, heard)
		}
	}
}

// TestRevocationFindsEveryConnection of a token and of a user, on all reactors, and no others.
func TestRevocationFindsEveryConnection(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Reactors = 3 })
	connect := func(name, token string) *client {
		c := w.dial(name)
		c.Send(upgradeRequest(token))
		w.net.Settle()
		return c
	}
	one, two := w.tokenWith("alice", "1h one"), w.tokenWith("alice", "1h two")
	for range 5 {
		connect("alice", one)
		connect("alice", two)
		connect("bob", w.tokenWith("bob", "1h"))
	}
	w.net.Advance(10 * time.Second)
	connect("alice", w.tokenWith("alice", "1h three"))
	until := w.net.Now().Add(time.Hour).Unix()
	if closed := w.revoke(auth.Revocation{UserID: userID("alice"), Until: until}); closed != 0 {
		t.Errorf("what was issued before 1970: %d closed, and none would be refused", closed)
	}
	if closed := w.revoke(auth.Revocation{TokenID: "one", Until: until}); closed != 5 {
		t.Errorf("a token revoked: %d closed, want 5", closed)
	}
	if closed := w.revoke(auth.Revocation{UserID: userID("alice"), IssuedBefore: w.net.Now().Unix(), Until: until}); closed != 5 {
		t.Errorf("what a user had before: %d closed, want 5", closed)
	}
	if live := w.server.sessionsNow(); live != 6 {
		t.Errorf("%d are live, want 6", live)
	}
	if closed := w.revoke(auth.Ban(userID("alice"), until)); closed != 1 {
		t.Errorf("banned: %d closed, want 1", closed)
	}
}

// TestRevocationsOfBeforeTheStart are in force from the first handshake on.
func TestRevocationsOfBeforeTheStart(t *testing.T) {
	w := newWorld(t, 1, nil)
	if err := w.server.Restore(auth.Revocation{TokenID: "old", Until: w.net.Now().Add(time.Hour).Unix()}); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{"old": `401 {"error":"token_revoked"`, "new": "101"} {
		c := w.dial("alice")
		c.Send(upgradeRequest(w.tokenWith("alice", "1h "+id)))
		w.net.Settle()
		if heard := c.heardFirst(); !strings.HasPrefix(heard, want) {
			t.Errorf("%s: heard %q, want %s", id, heard, want)
		}
	}
}

// TestARevokedTokenStaysRevokedUntilItExpires: its revocation is forgotten by no clock, whatever the token's exp.
func TestARevokedTokenStaysRevokedUntilItExpires(t *testing.T) {
	w := newWorld(t, 1, nil)
	const day = 24 * time.Hour
	token := w.tokenWith("alice", (365*day).String()+" stolen")
	w.revoke(auth.Revocation{TokenID: "stolen", Until: auth.Forever})
	for _, wait := range []time.Duration{day, 30 * day, 300 * day} {
		w.net.Jump(wait)
		if n := w.server.Stats().Revocations; n != 1 {
			t.Errorf("%v later: %d revocations are in force", wait, n)
		}
		alice := w.dial("alice")
		alice.Send(upgradeRequest(token))
		w.net.Settle()
		if heard := alice.heardFirst(); !strings.HasPrefix(heard, `401 {"error":"token_revoked"`) {
			t.Errorf("%v later: %q", wait, heard)
		}
	}
}

// TestExpiryBehindAStall: a new token that came while the process stood still counts, though its old one's end has passed.
func TestExpiryBehindAStall(t *testing.T) {
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
	if heard := alice.heard(); !strings.Contains(strings.Join(heard, " "), `"refreshed"`) || w.server.sessionsNow() != 1 {
		t.Errorf("alice heard %q", heard)
	}
}

// TestExpiryWaitsForTheCheckOfANewToken, whatever comes of it, and a session has one checked at a time.
func TestExpiryWaitsForTheCheckOfANewToken(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) {
		o.Reactors, o.HeartbeatInterval, o.AdmissionWorkers = 1, time.Hour, ByHand
	})
	judge := func() {
		for _, waits := w.server.JudgeNext(); waits; _, waits = w.server.JudgeNext() {
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
		if heard := strings.Join(alice.heard(), " "); strings.Count(heard, "refresh_refused") != 1 {
			t.Errorf("two tokens at once: %q", heard)
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

// TestExpiryBehindACheckAndAStall: whoever's new token is refused behind a stall goes by the deadline, in time for the
// sweep, which would call it a fault of the wheel.
func TestExpiryBehindACheckAndAStall(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) {
		o.Reactors, o.HeartbeatInterval, o.AdmissionWorkers = 1, time.Hour, ByHand
	})
	alice := w.dial("alice")
	alice.Send(upgradeRequest(w.tokenWith("alice", "1s")))
	w.server.JudgeNext()
	w.net.Advance(30 * time.Second)
	alice.text(refreshMessage("no token"))
	w.net.Stop(70 * time.Second)
	sweep := w.server.startSweep(sweepGrace)
	w.server.JudgeNext()
	w.net.Settle()
	if live := w.server.sessionsNow(); live != 0 || sweep.closed.Load() != 0 {
		t.Errorf("%d are live, and the sweep closed %d", live, sweep.closed.Load())
	}
}

// TestTokensThatAreNoneKeepNobody has a client send one bad token after the other: it stays as long as one check may take.
func TestTokensThatAreNoneKeepNobody(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) {
		o.Reactors, o.HeartbeatInterval, o.AdmissionWorkers, o.RateLimit = 1, time.Hour, ByHand, 0
	})
	alice := w.dial("alice")
	alice.Send(upgradeRequest(w.tokenWith("alice", "1s")))
	w.server.JudgeNext()
	w.net.Advance(31 * time.Second)
	for range 40 {
		alice.text(refreshMessage("no token"))
		w.net.Advance(netpoll.TickLength / 2)
		w.server.JudgeNext()
		w.net.Settle()
		alice.text(refreshMessage("no token"))
		w.net.Advance(netpoll.TickLength / 2)
	}
	if w.server.sessionsNow() != 0 {
		t.Error("live 4 s after its token's end")
	}
	if last := alice.heard(); len(last) == 0 || !strings.HasPrefix(last[len(last)-1], "close 4001") {
		t.Errorf("heard last: %q", last)
	}
}

// TestAStuckCheckKeepsNobody: the check of the new token takes longer than any may.
func TestAStuckCheckKeepsNobody(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) {
		o.Reactors, o.HeartbeatInterval, o.AdmissionWorkers = 1, time.Hour, ByHand
	})
	alice := w.dial("alice")
	alice.Send(upgradeRequest(w.tokenWith("alice", "1s")))
	w.server.JudgeNext()
	w.net.Advance(30 * time.Second)
	alice.text(refreshMessage(w.tokenWith("alice", "1h")))
	w.net.Advance(2900 * time.Millisecond)
	if w.server.sessionsNow() != 1 {
		t.Fatal("closed before the check could be through")
	}
	w.net.Advance(netpoll.TickLength * 3)
	if w.server.sessionsNow() != 0 {
		t.Error("live behind the time that a check may take")
	}
	w.server.JudgeNext()
	w.net.Settle()
	if err := w.audit(); err != nil {
		t.Error(err)
	}
}

// TestLeavingWhileATokenIsChecked leaves nothing behind, and the verdict is nobody else's.
func TestLeavingWhileATokenIsChecked(t *testing.T) {
	for how, leave := range map[string]func(*world, *client){
		"reset":    func(_ *world, c *client) { c.Reset() },
		"shut out": func(w *world, _ *client) { w.deactivate("alice") },
		"close":    func(_ *world, c *client) { c.Send(frame(8, []byte{3, 232})) },
		"banned":   func(w *world, _ *client) { w.revoke(auth.Ban(userID("alice"), w.net.Now().Add(time.Hour).Unix())) },
	} {
		t.Run(how, func(t *testing.T) {
			w := newWorld(t, 1, func(o *Options) { o.Reactors, o.AdmissionWorkers = 1, ByHand })
			alice := w.join("alice")
			w.server.JudgeNext()
			w.net.Settle()
			alice.text(refreshMessage(w.tokenWith("alice", "1h new")))
			leave(w, alice)
			w.net.Settle()
			bob := w.join("bob") // perhaps in her slot
			for range 2 {
				w.server.JudgeNext()
				w.net.Settle()
			}
			if heard := bob.heardFirst(); heard != "101" {
				t.Errorf("bob hears %q", heard)
			}
			w.net.Advance(10 * time.Second)
			if err := w.audit(); err != nil || w.server.sessionsNow() != 1 {
				t.Errorf("audit: %v; %d sessions", err, w.server.sessionsNow())
			}
			if spare := w.shards()[0].spares; len(spare) == 0 || slices.ContainsFunc(spare, func(h *handshake) bool { return h.renews || h.gone }) {
				t.Error("a handshake was not put away clean")
			}
		})
	}
}

// TestRefreshesCountAgainstTheRateLimit as any message does.
func TestRefreshesCountAgainstTheRateLimit(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.RateLimit = 2 })
	alice := w.join("alice")
	for range 2*admit.BurstSeconds + 1 {
		alice.text(refreshMessage(w.tokenWith("alice", "1h")))
		w.net.Settle()
	}
	heard := strings.Join(alice.heard(), " ")
	if strings.Count(heard, `"refreshed"`) != 2*admit.BurstSeconds || !strings.Contains(heard, `"rate_limited"`) {
		t.Errorf("heard %q", heard)
	}
}

// TestTokensOfAgesAndForEver: the longest life there is, no iat, and a jti or none.
func TestTokensOfAgesAndForEver(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Reactors = 1 })
	alice := w.dial("alice")
	token, err := auth.Sign(secret, auth.Claims{UserID: userID("alice"), Username: "alice", ExpiresAt: 253402300799})
	if err != nil {
		t.Fatal(err)
	}
	alice.Send(upgradeRequest(token))
	w.net.Settle()
	alice.heard()
	for range 12 {
		w.net.Advance(20 * time.Second)
		alice.Send(frame(10, nil))
		alice.text(`{"message_type":"ping"}`)
	}
	if heard := strings.Join(alice.heard(), " "); strings.Contains(heard, "token_expiring") || w.server.sessionsNow() != 1 {
		t.Errorf("heard %.300q", heard)
	}
	s := w.shards()[0].first()
	if s.token != noToken || s.issued != 0 {
		t.Errorf("token %d, issued %d", s.token, s.issued)
	}
}

// TestEachUserOnline lists everybody online once, and those who have left not.
func TestEachUserOnline(t *testing.T) {
	w := newWorld(t, 1, nil)
	want := map[uuid.UUID]bool{}
	for i := range 300 {
		c := w.join(fmt.Sprint("user", i))
		if i%3 == 0 {
			c.Reset()
			w.net.Settle()
			continue
		}
		want[userID(c.name)] = true
	}
	for id := range w.server.EachUserOnline {
		if !want[id] {
			t.Errorf("%v is listed", id)
		}
		delete(want, id)
	}
	if len(want) != 0 {
		t.Errorf("%d are not listed", len(want))
	}
	for range w.server.EachUserOnline {
		break
	}
}
