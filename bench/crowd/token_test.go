package crowd

import (
	"testing"
	"time"

	"momentum/server/auth"
)

func TestANodeTakesTheTokens(t *testing.T) {
	secret := "a secret of 32 bytes for a test.."
	now := time.Now()
	v := auth.NewVerifier(auth.Secret([]byte(secret)), auth.Options{Now: func() time.Time { return now }})
	made := newTokens(secret, now)
	for _, user := range []int{0, 999_999, 7} {
		c, err := v.Verify(made.append(nil, user))
		if other, err := v.Verify([]byte(Token(secret, user))); err != nil || other.UserID != UserID(user) {
			t.Errorf("user %d of another kind: %v, %v", user, other, err)
		}
		if err != nil || c.UserID != UserID(user) {
			t.Errorf("user %d: %v, %v", user, c, err)
		}
	}
}
