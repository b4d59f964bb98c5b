package auth

import (
	"strings"
	"testing"

	"github.com/google/uuid"
)

func TestSignedTokensAreVerified(t *testing.T) {
	for name, c := range map[string]Claims{
		"all claims":     {UserID("alice@example.com"), "alice", "alice@example.com", "j-1", testNow, testNow + 60, nil},
		"the fewest":     {UserID: UserID("bob@example.com"), Username: "bob", ExpiresAt: testNow + 60},
		"the longest":    {uuid.Max, strings.Repeat("\\", 128), strings.Repeat("\"", 254), strings.Repeat("<", 128), testNow, MaxUnixSeconds, nil},
		"any characters": {uuid.Max, "Zoë <\"&\\> 🎈", "zoë@example.com", "", testNow, testNow + 1, nil},
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
