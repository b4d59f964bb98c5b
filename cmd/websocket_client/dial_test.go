package main

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"momentum/internal/output"
	"momentum/server/auth"
)

func TestARefusalIsPrintedWithItsReason(t *testing.T) {
	for name, tt := range map[string]struct {
		status int
		retry  string
		body   string
		want   string
	}{
		"token":       {401, "", `{"error":"token_expired","message":"the token has expired: get a new token"}`, "Failed to connect: 401 Unauthorized: token_expired: the token has expired: get a new token\n"},
		"full":        {503, "7", `{"error":"full","message":"the node is full"}`, "Failed to connect: 503 Service Unavailable (try again after 7 seconds): full: the node is full\n"},
		"proxy":       {502, "", "<h1>bad\x1b[2J\ngateway</h1>", `Failed to connect: 502 Bad Gateway: <h1>bad\x1b[2J\ngateway</h1>` + "\n"},
		"no body":     {404, "", "", "Failed to connect: 404 Not Found\n"},
		"plain 200":   {200, "", "hello", "Failed to connect: 200 OK: hello\n"},
		"huge answer": {500, "", strings.Repeat("x", 1<<20), "Failed to connect: 500 Internal Server Error: xxx"},
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if tt.retry != "" {
					w.Header().Set("Retry-After", tt.retry)
				}
				w.WriteHeader(tt.status)
				io.WriteString(w, tt.body)
			}))
			defer s.Close()
			got := client(t, "ping\n", "--url", "ws"+strings.TrimPrefix(s.URL, "http"))
			wantOutcome(t, got, exitFailed, "", tt.want)
			if got.out != "" || len(got.err) > 2000 {
				t.Errorf("out %q, %d bytes of err", got.out, len(got.err))
			}
		})
	}
}

func TestARefusedConnectIsReportedWithoutTheToken(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	got := client(t, "", "--url", "ws://"+address+"/ws?token=secret")
	wantOutcome(t, got, exitFailed, "", "Failed to connect: dial tcp "+address)
	if strings.Contains(got.err, "secret") {
		t.Errorf("the token is printed: %s", got.err)
	}
}

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
