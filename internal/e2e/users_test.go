package e2e

import (
	"context"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	coder "github.com/coder/websocket"

	"momentum/internal/postgrestest"
	"momentum/server/auth"
)

// command runs a command of momentum with a database, and returns its output and its exit code.
func command(t *testing.T, database string, args ...string) (code int, output string) {
	t.Helper()
	cmd := exec.Command(filepath.Join(bin, "momentum"), args...)
	cmd.Env = []string{"DATABASE_URL=" + database, "JWT_SECRET=" + testSecret, "PORT=0", "ADMIN_ADDR=127.0.0.1:0"}
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

// migrated creates the tables, and adds active users with the ids in the tokens of signFor.
func migrated(t *testing.T, database string, names ...string) {
	t.Helper()
	if code, output := command(t, database, "migrate"); code != 0 {
		t.Fatalf("momentum migrate exits with %d: %s", code, output)
	}
	for _, name := range names {
		postgrestest.Exec(t, database, "INSERT INTO users (id, username, email) VALUES ($1, $2, $3)", auth.UserID(name).String(), name, name+"@example.com")
	}
}

// serveUsers starts a server with a database, and waits until it receives notifications of changes.
func serveUsers(t *testing.T, database string, env ...string) *serving {
	t.Helper()
	s := serve(t, append([]string{"DATABASE_URL=" + database}, env...)...)
	s.expect("listening for changes of users")
	return s
}

// entrance is the result of a handshake: a connection or a refusal.
type entrance struct {
	status int
	header http.Header
	body   string
	conn   *coder.Conn
	took   time.Duration
}

// enter makes a handshake with a token.
func (s *serving) enter(t *testing.T, token string) (e entrance) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	began := time.Now()
	c, response, err := coder.Dial(ctx, "ws://"+s.ws+"/ws", &coder.DialOptions{HTTPHeader: http.Header{"Authorization": {"Bearer " + token}}})
	e.took = time.Since(began)
	if response == nil {
		t.Error(err)
		return e
	}
	e.status, e.header, e.conn = response.StatusCode, response.Header, c
	if err != nil {
		body, _ := io.ReadAll(response.Body)
		e.body = string(body)
		return e
	}
	t.Cleanup(func() { _ = c.CloseNow() })
	return e
}

// mustEnter opens a connection with the token.
func (s *serving) mustEnter(t *testing.T, token string) *coder.Conn {
	t.Helper()
	e := s.enter(t, token)
	if e.status != 101 {
		t.Fatalf("refused: %d %s", e.status, e.body)
	}
	return e.conn
}

// wantRefused fails the test unless the token is refused with the status and the code.
func (s *serving) wantRefused(t *testing.T, token string, status int, code string) entrance {
	t.Helper()
	e := s.enter(t, token)
	if e.status != status || !strings.Contains(e.body, `"error":"`+code+`"`) {
		t.Errorf("a handshake: %d %s, want %d %s", e.status, e.body, status, code)
	}
	return e
}

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); !so(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s", patience, what)
		}
	}
}

// ready returns whether /readyz answers 200, and its body.
func (s *serving) ready(t *testing.T) (bool, string) {
	t.Helper()
	status, body := ask(t, "GET", "http://"+s.admin+"/readyz", "")
	return status == 200, body
}

// TestClientOfADatabase follows an operator that manages users, and the clients of three users: an active, an unknown
// and an inactive one.
func TestClientOfADatabase(t *testing.T) {
	url := postgrestest.Database(t)
	if code, output := command(t, url, "serve"); code != 1 || !strings.Contains(output, "run momentum migrate") {
		t.Errorf("a server without tables exits with %d: %s", code, output)
	}
	migrated(t, url)
	for _, name := range []string{"alice", "bob"} {
		if code, output := command(t, url, "users", "add", "--username", name, "--email", name+"@example.com"); code != 0 {
			t.Fatalf("users add exits with %d: %s", code, output)
		}
	}
	if code, output := command(t, url, "users", "deactivate", "bob@example.com"); code != 0 {
		t.Fatalf("users deactivate exits with %d: %s", code, output)
	}
	s := serveUsers(t, url)
	alice := s.chatter(t, "alice")
	alice.say("ping")
	alice.expect("pong")
	for name, want := range map[string][]string{
		"bob":   {"Failed to connect: 403", "user_inactive", "ask the operator to activate"},
		"carol": {"Failed to connect: 403", "user_unknown", "does not exist"},
	} {
		c := start(t, []string{"JWT_SECRET=" + testSecret}, filepath.Join(bin, "websocket_client"),
			"--url", "ws://"+s.ws+"/ws", "--username", name, "--email", name+"@example.com")
		for _, words := range want {
			c.expect(words)
		}
		if code := c.exit(); code != 1 {
			t.Errorf("%s's client exits with %d", name, code)
		}
	}
	if code, output := command(t, url, "users", "deactivate", "alice@example.com"); code != 0 {
		t.Fatalf("users deactivate exits with %d: %s", code, output)
	}
	alice.expect("4003 user not active")
	if code := alice.exit(); code != 1 {
		t.Errorf("the client of a deactivated user exits with %d", code)
	}
}

// TestStartWithoutTheDatabase checks that the server logs the reason and exits with a code that makes a supervisor try again.
func TestStartWithoutTheDatabase(t *testing.T) {
	t.Parallel()
	pg := postgrestest.Start(t)
	url := pg.Database(t)
	migrated(t, url, "alice")
	for _, how := range []struct {
		away, back func(testing.TB)
	}{{pg.Pause, pg.Resume}, {pg.Stop, pg.Restart}} {
		how.away(t)
		if code, output := command(t, url, "serve"); code != 1 || !strings.Contains(output, "momentum: the database cannot be reached") || strings.Contains(output, "not-so") {
			t.Errorf("exit code %d: %s", code, output)
		}
		how.back(t)
	}
	serveUsers(t, url).mustEnter(t, signFor(t, "alice"))
}
