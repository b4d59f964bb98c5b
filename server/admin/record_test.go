package admin

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"momentum/server/auth"
)

func bearer(token string) map[string]string { return header("Authorization", "Bearer "+token) }

// guardedBy returns the handler of a node with three tokens, and its log.
func guardedBy(t *testing.T) (http.Handler, *bytes.Buffer) {
	t.Helper()
	s, _ := newNode(t)
	log := new(bytes.Buffer)
	return NewHandler(s, Options{
		Token: "the admin token", Tokens: []Token{{"grafana", Read, readSecret}, {"on-call", Write, writeSecret}},
		Log: slog.New(slog.NewTextHandler(log, nil)),
	}), log
}

func TestATokenThatReadsChangesNothing(t *testing.T) {
	h, _ := guardedBy(t)
	for _, path := range []string{"/ws/stats", "/ws/closes", "/ws/connections", "/ws/changes", "/ws/bans"} {
		call{path: path, headers: bearer(readSecret)}.expect(t, h, "")
		call{path: path}.expect(t, h, "unauthorized")
	}
	for _, path := range []string{"/ws/cleanup", "/ws/broadcast", "/ws/drain", "/ws/disconnect"} {
		call{method: "POST", path: path, headers: bearer(readSecret)}.expect(t, h, "read_only")
	}
	call{method: "DELETE", path: "/ws/bans/x", headers: bearer(readSecret)}.expect(t, h, "read_only")
	call{method: "DELETE", path: "/ws/connections/x", headers: bearer(readSecret)}.expect(t, h, "read_only")
	call{method: "POST", path: "/ws/cleanup", headers: bearer(writeSecret)}.expect(t, h, "")
	call{method: "POST", path: "/ws/cleanup", headers: bearer("the admin token")}.expect(t, h, "")
}

// TestChangesAreKeptAndLogged: who, from where, what, and the outcome; messages and reads are not among them.
func TestChangesAreKeptAndLogged(t *testing.T) {
	h, log := guardedBy(t)
	user := auth.UserID("a").String()
	call{method: "POST", path: "/ws/disconnect", body: `{"user_id":"` + user + `","reason":"spam","ban_seconds":60}`, headers: bearer(writeSecret)}.expect(t, h, "")
	call{method: "DELETE", path: "/ws/bans/" + user + "?scope=node", headers: bearer("the admin token"), peer: "192.0.2.7:5"}.expect(t, h, "")
	call{method: "DELETE", path: "/ws/bans/" + user, headers: bearer(writeSecret)}.expect(t, h, "not_banned")
	call{method: "POST", path: "/ws/broadcast", body: `{"message_type":"text"}`, headers: bearer(writeSecret)}.expect(t, h, "")
	_, body, _ := call{path: "/ws/changes?limit=2", headers: bearer(readSecret)}.on(t, h)
	var page changesAnswer
	if err := json.Unmarshal([]byte(body), &page); err != nil || len(page.Changes) != 2 || page.Next != 2 {
		t.Fatalf("%s", body)
	}
	if c := page.Changes[0]; c.By != "on-call" || c.Status != 404 || c.Number != 3 {
		t.Errorf("%+v", c)
	}
	if c := page.Changes[1]; c.By != "admin" || c.From != "192.0.2.7:5" || c.Call != "DELETE /ws/bans/"+user || c.With["scope"] != "node" || c.Status != 200 {
		t.Errorf("%+v", c)
	}
	_, body, _ = call{path: "/ws/changes?after=2", headers: bearer(readSecret)}.on(t, h)
	if page = (changesAnswer{}); json.Unmarshal([]byte(body), &page) != nil || len(page.Changes) != 1 || page.Next != 0 {
		t.Fatalf("%s", body)
	}
	if c := page.Changes[0]; c.By != "on-call" || c.Call != "POST /ws/disconnect" || c.With["user_id"] != user || c.With["ban_seconds"] != "60" || c.With["reason"] != "spam" {
		t.Errorf("%+v", c)
	}
	if n := strings.Count(log.String(), "an administrator's call"); n != 3 || strings.Contains(log.String(), writeSecret) {
		t.Errorf("%d lines:\n%s", n, log)
	}
	call{path: "/ws/changes?after=0", headers: bearer(readSecret)}.expect(t, h, "bad_after")
}
