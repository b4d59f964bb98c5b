package e2e

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

	"momentum/server/auth"
)

// rewrite replaces a file atomically, as configuration tools do.
func rewrite(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path+".new", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

// reload sends SIGHUP and waits until the settings are in force. A test can use it once.
func (s *serving) reload(t *testing.T) {
	t.Helper()
	s.signal(syscall.SIGHUP)
	s.expect(`"msg":"settings reloaded"`)
}

// upgraded is the status of a handshake, and the connection if it is 101.
func upgraded(t *testing.T, s *serving, secret, origin string) (int, *websocket.Conn) {
	t.Helper()
	now := time.Now()
	token, err := auth.Sign([]byte(secret), auth.Claims{UserID: auth.UserID("eve@example.com"), Username: "eve", IssuedAt: now.Unix(), ExpiresAt: now.Add(time.Hour).Unix()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c, response, err := websocket.Dial(ctx, "ws://"+s.ws+"/ws?token="+token, &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {origin}}})
	if response == nil {
		t.Fatal(err)
	}
	if err == nil {
		t.Cleanup(func() { _ = c.CloseNow() })
	}
	return response.StatusCode, c
}

// TestSettingsChangeWithoutClosingConnections checks that a client stays connected while rates, origins, secrets and log levels change,
// and while a broken file is refused.
func TestSettingsChangeWithoutClosingConnections(t *testing.T) {
	dir := t.TempDir()
	file, secret := filepath.Join(dir, "momentum.yaml"), filepath.Join(dir, "secret")
	const newSecret = "another secret of the end-to-end tests, long enough"
	rewrite(t, secret, testSecret+"\n")
	rewrite(t, file, "port: 0\nadmin-addr: 127.0.0.1:0\nlog-format: json\nrate-limit: 100\nallowed-origins: [https://old.example]\nadmin-token: first\n")
	s := locate(start(t, []string{"JWT_SECRET_FILE=" + secret, "MOMENTUM_CONFIG=" + file, "WS_MAX_CONECTIONS=5"}, filepath.Join(bin, "momentum")))
	s.expect("the variable WS_MAX_CONECTIONS is no setting; did you mean WS_MAX_CONNECTIONS?")
	alice := s.chatter(t, "alice")

	inForce := func(secret, origin, token string) {
		t.Helper()
		for _, tt := range []struct{ secret, origin string }{{testSecret, "https://old.example"}, {newSecret, "https://new.example"}} {
			for _, o := range []string{"https://old.example", "https://new.example"} {
				want := 101
				switch {
				case o != origin:
					want = 403
				case tt.secret != secret:
					want = 401
				}
				if got, _ := upgraded(t, s, tt.secret, o); got != want {
					t.Errorf("secret %q from %s: %d, want %d", tt.secret, o, got, want)
				}
			}
		}
		for _, held := range []string{"first", "second"} {
			want := 401
			if held == token {
				want = 200
			}
			if got, _ := ask(t, "GET", "http://"+s.admin+"/ws/stats", "", "Authorization", "Bearer "+held); got != want {
				t.Errorf("admin token %q: %d, want %d", held, got, want)
			}
		}
		alice.say("ping")
	}
	inForce(testSecret, "https://old.example", "first")

	rewrite(t, secret, newSecret+"\n")
	rewrite(t, file, "port: 1\nlog-format: json\nadmin-addr: 127.0.0.1:0\nrate-limit: 2\nallowed-origins: [https://new.example]\nadmin-token: second\nlog-levels: server=debug\n")
	s.reload(t)
	inForce(newSecret, "https://new.example", "second")
	output := s.text()
	for _, want := range []string{
		`"setting":"WS_RATE_LIMIT_PER_SECOND","was":"100","is":"2","from":"` + file + `:4"`,
		`"setting":"JWT_SECRET","from":"JWT_SECRET_FILE"`, `"setting":"LOG_LEVELS"`,
		`"msg":"a setting has changed that needs a restart to be in force","part":"main","setting":"PORT"`,
	} {
		if !strings.Contains(output, want) {
			t.Errorf("not logged: %s", want)
		}
	}
	if strings.Contains(output, newSecret) || strings.Contains(output, `second"`) {
		t.Error("a secret is logged")
	}
	_, c := upgraded(t, s, newSecret, "https://new.example")
	limited(t, c)
	_ = c.CloseNow()
	s.expect(`"level":"DEBUG","msg":"connection closed"`)

	rewrite(t, file, "port: 1\nrate-limt: 50\nallowed-origins: nonsense\n")
	s.signal(syscall.SIGHUP)
	s.expect("there is no setting rate-limt; did you mean rate-limit?")
	inForce(newSecret, "https://new.example", "second")
	alice.say("text still here")
	alice.say("quit")
	if code := alice.exit(); code != 0 {
		t.Errorf("the client that stayed connected exits with %d:\n%s", code, alice.text())
	}
	s.signal(syscall.SIGTERM)
	if code := s.exit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// limited sends messages until one is refused for the rate.
func limited(t *testing.T, c *websocket.Conn) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for i := range 6 {
		text := fmt.Sprintf(`{"id":"00000000-0000-4000-8000-%012d","message_type":"ping","data":{},"timestamp":"2024-01-01T00:00:00Z"}`, i)
		if err := c.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	for {
		_, message, err := c.Read(ctx)
		if err != nil {
			t.Fatalf("no message was refused for the rate: %v", err)
		}
		if strings.Contains(string(message), "rate_limited") {
			return
		}
	}
}
