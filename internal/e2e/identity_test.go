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

// soon is within what a change of a user has to have its effect.
const soon = time.Second

// cutAnd is a condition that ends every other connection to the database before what it stands in takes place: the
// nodes' listeners miss it.
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

// wantEnded fails the test unless the connections end with the code, within what is soon from now.
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

// TestUsersWhoChangeAreActedOnEverywhere changes users by plain SQL under two nodes: who is deactivated or deleted is
// out on both within a second, also when nobody heard of it, and who is activated again may come back.
func TestUsersWhoChangeAreActedOnEverywhere(t *testing.T) {
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
			if i > 0 { // look-ups go on once the pool has found out
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

	for range 5 { // out and in again within the second
		change("alice", "UPDATE users SET active = false WHERE ")
		change("alice", "UPDATE users SET active = true WHERE ")
	}
	enter("alice")
	change("bob", "UPDATE users SET username = 'robert', email = 'robert@example.com' WHERE ")
	eventually(t, "a new connection brings the new name", func() bool {
		enter("bob")
		_, body := ask(t, "GET", "http://"+nodes[0].admin+"/ws/online", "")
		return strings.Contains(body, `"robert"`)
	})
	for _, c := range bob {
		wantAlive(t, c)
	}
}

// TestRevocationsReachEveryNodeAndOutliveIt takes back a token, and bans somebody, on one of two nodes; then that node
// is started anew.
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
			t.Error("somebody who is banned is not told for how long")
		}
		s.mustEnter(t, signFor(t, "alice"))
	}
}

// order makes an administrator's call that is to close one connection and to be kept in the database.
func (s *serving) order(t *testing.T, path, body string) {
	t.Helper()
	if status, answer := ask(t, http.MethodPost, "http://"+s.admin+path, body); status != 200 || strings.TrimSpace(answer) != `{"success":true,"connections":1,"kept":"database"}` {
		t.Errorf("%s %s: %d %s", path, body, status, answer)
	}
}
