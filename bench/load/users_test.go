package load

import (
	"fmt"
	"testing"
	"time"

	"momentum/server/auth"
)

func TestEachConnectionHasAUserWithAValidToken(t *testing.T) {
	const connections = 3
	now := time.Unix(1_800_000_000, 0)
	all, err := signTokens(&Plan{Connections: connections, Secret: "secret"}, now)
	if err != nil {
		t.Fatal(err)
	}
	late := func() time.Time { return now.Add(tokenLife - time.Hour) }
	verifier := auth.NewVerifier(auth.Secret([]byte("secret")), auth.Options{Now: late})
	for i := range connections {
		claims, fault := verifier.Verify([]byte(all.tokens[i]))
		if fault != nil {
			t.Fatalf("the token of connection %d: %v", i, fault)
		}
		if claims.Username != fmt.Sprintf("stress-%d", i) || claims.UserID.String() != all.ids[i] {
			t.Errorf("connection %d: %+v, want user %s", i, claims, all.ids[i])
		}
	}
}
