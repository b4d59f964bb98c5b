package auth

import (
	"strings"
	"testing"

	"github.com/google/uuid"
)

func TestSignRefusesClaimsThatVerifyRefuses(t *testing.T) {
	good := Claims{UserID: uuid.Max, Username: "alice", ExpiresAt: testNow}
	for name, spoil := range map[string]func(*Claims){
		"no user id":         func(c *Claims) { c.UserID = uuid.Nil },
		"no username":        func(c *Claims) { c.Username = "" },
		"a long username":    func(c *Claims) { c.Username = strings.Repeat("a", 129) },
		"control characters": func(c *Claims) { c.Email = "a\x00" },
		"bytes, not text":    func(c *Claims) { c.ID = "\xff" },
	} {
		c := good
		spoil(&c)
		if token, err := Sign(testSecret, c); err == nil || token != "" {
			t.Errorf("%s: signed", name)
		}
	}
	if _, err := Sign(nil, good); err == nil || !strings.Contains(err.Error(), "JWT_SECRET") {
		t.Errorf("no secret: %v", err)
	}
	if _, err := Sign(testSecret, good); err != nil {
		t.Error(err)
	}
}
