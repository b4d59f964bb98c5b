package e2e

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	coder "github.com/coder/websocket"

	"momentum/internal/postgrestest"
	"momentum/server/auth"
)

// soon is the time in which a change of a user must take effect.
const soon = time.Second

// cutAnd is a condition of a statement that first ends every other connection to the database, so that the nodes' listeners
// miss the change.
const cutAnd = `(SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()) > 0 AND `

// ended reads until the connection has ended, and returns the close frame.
func ended(t *testing.T, c *coder.Conn) (end coder.CloseError) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		_, _, err := c.Read(ctx)
		if errors.As(err, &end) {
			return end
		}
		if err != nil {
			t.Fatalf("no close frame: %v", err)
		}
	}
}

// wantEnded fails the test unless the connections are soon closed with the code.
func wantEnded(t *testing.T, code coder.StatusCode, why string, conns ...*coder.Conn) {
	t.Helper()
	began := time.Now()
	for _, c := range conns {
		if end := ended(t, c); end.Code != code || !strings.Contains(end.Reason, why) {
			t.Errorf("closed with %d %q, want %d %q", end.Code, end.Reason, code, why)
		}
	}
	if took := time.Since(began); took > soon {
		t.Errorf("closed with %d only after %v", code, took)
	}
}

// TestChangesOfUsersTakeEffectOnEveryNode changes users by plain SQL while two nodes serve them. A deactivated or
// deleted user is closed on both within a second, also if the nodes missed the notification, and may connect again
// once active.
func TestChangesOfUsersTakeEffectOnEveryNode(t *testing.T) {
	url := postgrestest.Database(t)
	migrated(t, url, "alice", "bob", "carol")
	nodes := []*serving{serveUsers(t, url), serveUsers(t, url)}
	enter := func(name string) (conns []*coder.Conn) {
		for _, s := range nodes {
			eventually(t, name+" may connect", func() bool {
				e := s.enter(t, signFor(t, name))
				conns = append(conns, e.conn)
				if e.conn == nil {
					conns = conns[:len(conns)-1]
				}
				return e.conn != nil
			})
		}
		return conns
	}
	change := func(name, sql string) {
		t.Helper()
		postgrestest.Exec(t, url, sql+"id = $1", auth.UserID(name).String())
	}
	bob := enter("bob")
	for i, sql := range []string{"UPDATE users SET active = false WHERE ", "UPDATE users SET active = false WHERE " + cutAnd} {
		alice := enter("alice")
		change("alice", sql)
		wantEnded(t, 4003, "no longer active", alice...)
		for _, s := range nodes {
			if i > 0 { // look-ups continue when the pool has noticed
				eventually(t, "the node is ready again", func() bool { ready, _ := s.ready(t); return ready })
			}
			s.wantRefused(t, signFor(t, "alice"), 403, "user_inactive")
		}
		change("alice", "UPDATE users SET active = true WHERE ")
	}
	carol := enter("carol")
	change("carol", "DELETE FROM users WHERE ")
	wantEnded(t, 4003, "no longer active", carol...)
	nodes[1].wantRefused(t, signFor(t, "carol"), 403, "user_unknown")

	for range 5 { // deactivated and activated again within the second
		change("alice", "UPDATE users SET active = false WHERE ")
		change("alice", "UPDATE users SET active = true WHERE ")
	}
	enter("alice")
	change("bob", "UPDATE users SET username = 'robert', email = 'robert@example.com' WHERE ")
	eventually(t, "a new connection has the new name", func() bool {
		enter("bob")
		_, body := ask(t, "GET", "http://"+nodes[0].admin+"/ws/online", "")
		return strings.Contains(body, `"robert"`)
	})
	for _, c := range bob {
		wantAlive(t, c)
	}
}

// TestRevocationsReachEveryNodeAndOutliveIt revokes a token and bans a user on one of two nodes, and then restarts that
// node.
func TestRevocationsReachEveryNodeAndOutliveIt(t *testing.T) {
	url := postgrestest.Database(t)
	migrated(t, url, "alice", "bob")
	const hurry = "DRAIN_TIMEOUT=1"
	nodes := []*serving{serveUsers(t, url, hurry), serveUsers(t, url)}
	now := time.Now()
	stolen := signClaims(t, testSecret, auth.Claims{UserID: auth.UserID("alice"), Username: "alice", ID: "stolen", IssuedAt: now.Unix(), ExpiresAt: now.Add(time.Hour).Unix()})
	var alice, bob []*coder.Conn
	for _, s := range nodes {
		alice, bob = append(alice, s.mustEnter(t, stolen)), append(bob, s.mustEnter(t, signFor(t, "bob")))
	}
	other := nodes[0].mustEnter(t, signFor(t, "alice"))
	nodes[0].order(t, "/ws/revoke", `{"token_id":"stolen"}`)
	wantEnded(t, 4002, "revoked", alice...)
	nodes[0].order(t, "/ws/disconnect", fmt.Sprintf(`{"user_id":"%s","reason":"go home","ban_seconds":3600}`, auth.UserID("bob")))
	wantEnded(t, 4004, "go home", bob[0])
	wantEnded(t, 4004, "administrator", bob[1])
	wantAlive(t, other) // with alice's other token

	nodes[0].signal(syscall.SIGTERM)
	if code := nodes[0].exit(); code != 0 {
		t.Errorf("the node exits with %d", code)
	}
	nodes[0] = serveUsers(t, url)
	for _, s := range nodes {
		s.wantRefused(t, stolen, 401, "token_revoked")
		if e := s.wantRefused(t, signFor(t, "bob"), 403, "banned"); e.header.Get("Retry-After") == "" {
			t.Error("the refusal of a banned user does not say when the ban ends")
		}
		s.mustEnter(t, signFor(t, "alice"))
	}
}

// order makes an administrator's call that must close one connection and be stored in the database.
func (s *serving) order(t *testing.T, path, body string) {
	t.Helper()
	if status, answer := ask(t, http.MethodPost, "http://"+s.admin+path, body); status != 200 || !strings.HasPrefix(answer, `{"success":true,"connections":1,"kept":"database"`) {
		t.Errorf("%s %s: %d %s", path, body, status, answer)
	}
}
