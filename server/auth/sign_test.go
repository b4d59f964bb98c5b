package auth

import (
	"strings"
	"testing"

	"github.com/google/uuid"
)

func TestSignedTokensAreVerified(t *testing.T) {
	for name, c := range map[string]Claims{
		"all claims":     {UserID("alice@example.com"), "alice", "alice@example.com", "j-1", testNow, testNow + 60},
		"the fewest":     {UserID: UserID("bob@example.com"), Username: "bob", ExpiresAt: testNow + 60},
		"the longest":    {uuid.Max, strings.Repeat("\\", 128), strings.Repeat("\"", 254), strings.Repeat("<", 128), testNow, MaxUnixSeconds},
		"any characters": {uuid.Max, "Zoë <\"&\\> 🎈", "zoë@example.com", "", testNow, testNow + 1},
	} {
		t.Run(name, func(t *testing.T) {
			token, err := Sign(testSecret, c)
			if err != nil {
				t.Fatal(err)
			}
			if got := wantCode(t, token, ""); got != c {
				t.Errorf("got  %+v\nwant %+v", got, c)
			}
		})
	}
}

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
