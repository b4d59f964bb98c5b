package auth

import (
	"testing"
)

// The ids below may be in other people's message histories: they must never change.
func TestUserIDsNeverChange(t *testing.T) {
	const want = "99f92b8c-4761-5226-8260-a7816be34219"
	for _, email := range []string{"alice@example.com", "Alice@Example.COM", " alice@example.com\n"} {
		if got := UserID(email); got.String() != want || got.Version() != 5 {
			t.Errorf("%q: %s, version %d", email, got, got.Version())
		}
	}
	if UserID("bob@example.com") == UserID("alice@example.com") {
		t.Error("two users, one id")
	}
}
