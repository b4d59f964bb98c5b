package server

import (
	"strings"
	"testing"
	"time"

	"momentum/server/auth"
)

// TestTokensOfUnusualDatesInASession uses the longest life there is, and neither iat nor jti.
func TestTokensOfUnusualDatesInASession(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Reactors = 1 })
	alice := w.dial("alice")
	token, err := auth.Sign(secret, auth.Claims{UserID: userID("alice"), Username: "alice", ExpiresAt: 253402300799})
	if err != nil {
		t.Fatal(err)
	}
	alice.Send(upgradeRequest(token))
	w.net.Settle()
	alice.received()
	for range 12 {
		w.net.Advance(20 * time.Second)
		alice.Send(frame(10, nil))
		alice.text(`{"message_type":"ping"}`)
	}
	if received := strings.Join(alice.received(), " "); strings.Contains(received, "token_expiring") || w.server.sessionsNow() != 1 {
		t.Errorf("received %.300q", received)
	}
	s := w.shards()[0].first()
	if s.token.hash != noToken || s.token.issued != 0 {
		t.Errorf("token %d, issued %d", s.token.hash, s.token.issued)
	}
}
