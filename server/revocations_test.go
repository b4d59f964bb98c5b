package server

import (
	"strings"
	"testing"
	"time"

	"momentum/server/auth"
)

// TestRevocationFindsEveryConnection of a token or a user, on all reactors, and no other.
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
		t.Errorf("tokens issued before 1970: %d closed, although none would be refused", closed)
	}
	if closed := w.revoke(auth.Revocation{TokenID: "one", Until: until}); closed != 5 {
		t.Errorf("a token revoked: %d closed, want 5", closed)
	}
	if closed := w.revoke(auth.Revocation{UserID: userID("alice"), IssuedBefore: w.net.Now().Unix(), Until: until}); closed != 5 {
		t.Errorf("earlier tokens of the user: %d closed, want 5", closed)
	}
	if live := w.server.sessionsNow(); live != 6 {
		t.Errorf("%d are live, want 6", live)
	}
	if closed := w.revoke(auth.Ban(userID("alice"), until)); closed != 1 {
		t.Errorf("banned: %d closed, want 1", closed)
	}
}

// TestRestoredRevocationsAreInForceAtOnce, for the first handshake.
func TestRestoredRevocationsAreInForceAtOnce(t *testing.T) {
	w := newWorld(t, 1, nil)
	if err := w.server.Restore(auth.Revocation{TokenID: "old", Until: w.net.Now().Add(time.Hour).Unix()}); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{"old": `401 {"error":"token_revoked"`, "new": "101"} {
		c := w.dial("alice")
		c.Send(upgradeRequest(w.tokenWith("alice", "1h "+id)))
		w.net.Settle()
		if received := c.firstReceived(); !strings.HasPrefix(received, want) {
			t.Errorf("%s: received %q, want %s", id, received, want)
		}
	}
}

// TestARevokedTokenStaysRevokedUntilItExpires, whatever its exp.
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
		if received := alice.firstReceived(); !strings.HasPrefix(received, `401 {"error":"token_revoked"`) {
			t.Errorf("%v later: %q", wait, received)
		}
	}
}
