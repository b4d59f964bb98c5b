package main

import (
	"strings"
	"testing"
	"time"

	"momentum/internal/output"
	"momentum/server/auth"
)

func TestTheTokenIsSignedOrGiven(t *testing.T) {
	for name, tt := range map[string]struct {
		query         string
		args          []string
		authorization string
	}{
		"--token":       {"", []string{"--token", "abc"}, "Bearer abc"},
		"in the URL":    {"?token=abc", nil, ""},
		"empty in URL":  {"?token=", nil, ""},
		"signed":        {"", []string{"--username", "alice"}, "sign"},
		"other queries": {"?room=1", []string{"--username", "alice", "--email", "Alice@Example.com"}, "sign"},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, silence)
			wantOutcome(t, client(t, "", append(tt.args, "--url", s.ws()+tt.query)...), exitOK, "", "")
			s.sent()
			r := s.request
			if "?"+r.URL.RawQuery != tt.query && r.URL.RawQuery != tt.query {
				t.Errorf("the query became %q", r.URL.RawQuery)
			}
			if got := r.Header.Get("Authorization"); tt.authorization == "sign" {
				wantAlice(t, strings.TrimPrefix(got, "Bearer "))
			} else if got != tt.authorization {
				t.Errorf("Authorization %q", got)
			}
		})
	}
}

func wantAlice(t *testing.T, token string) {
	t.Helper()
	c, fault := auth.NewVerifier(auth.Secret([]byte(testSecret)), auth.Options{Now: time.Now}).Verify([]byte(token))
	if fault != nil {
		t.Fatal(fault)
	}
	life := time.Duration(c.ExpiresAt-c.IssuedAt) * time.Second
	if c.Username != "alice" || !strings.EqualFold(c.Email, "alice@example.com") || c.UserID != auth.UserID("alice@example.com") || life != tokenLifetime || c.ID == "" {
		t.Errorf("signed %+v", c)
	}
}

func TestWithoutTokenAndSecretTheErrorSaysWhatToSet(t *testing.T) {
	none := func(string) string { return "" }
	var out, err strings.Builder
	code := run(t.Context(), nil, none, streams{strings.NewReader(""), output.NewStream(&out), &err})
	wantOutcome(t, outcome{code, out.String(), err.String()}, exitUsage, "", "set JWT_SECRET")
}
