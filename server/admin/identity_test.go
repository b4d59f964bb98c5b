package admin

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"momentum/server"
	"momentum/server/auth"
)

// book is a ledger that keeps its records in memory, or fails.
type book struct {
	records []auth.Revocation
	err     error
	before  func()
}

func (b *book) Record(_ context.Context, r auth.Revocation) error {
	if b.before != nil {
		b.before()
	}
	if b.err == nil {
		b.records = append(b.records, r)
	}
	return b.err
}

func (b *book) Lift(_ context.Context, r auth.Revocation) error {
	if b.err == nil {
		b.records = slices.DeleteFunc(b.records, func(o auth.Revocation) bool { return o.Name() == r.Name() && o.IsBan() == r.IsBan() })
	}
	return b.err
}

func withLedger(s *server.Server, b *book) http.Handler {
	return NewHandler(s, Options{Port: 8000, Ledger: b, Log: slog.New(slog.DiscardHandler)})
}

func post(path, body string) call { return call{method: "POST", path: path, body: body} }

// closed returns the code and the reason with which the member's connection is closed.
func (m *member) closed(t *testing.T) (code int, reason string) {
	t.Helper()
	for {
		head := make([]byte, 2)
		if _, err := io.ReadFull(m.reader, head); err != nil {
			t.Fatalf("waiting for a close frame: %v", err)
		}
		length := int(head[1])
		if length == 126 {
			extended := make([]byte, 2)
			_, _ = io.ReadFull(m.reader, extended)
			length = int(binary.BigEndian.Uint16(extended))
		}
		payload := make([]byte, length)
		if _, err := io.ReadFull(m.reader, payload); err != nil {
			t.Fatal(err)
		}
		if head[0] == 0x88 && length >= 2 {
			return int(binary.BigEndian.Uint16(payload)), string(payload[2:])
		}
	}
}

func (m *member) wantClosed(t *testing.T, wantCode int, wantReason string) {
	t.Helper()
	if code, reason := m.closed(t); code != wantCode || reason != wantReason {
		t.Errorf("closed with %d %q, want %d %q", code, reason, wantCode, wantReason)
	}
}

func (c call) want(t *testing.T, h http.Handler, status int, body string) {
	t.Helper()
	if got, answered, _ := c.on(t, h); got != status || !strings.HasPrefix(answered, body) {
		t.Errorf("%s %s: %d %s, want %d %s", c.path, c.body, got, answered, status, body)
	}
}

func TestDisconnect(t *testing.T) {
	s, addr := newNode(t)
	b := &book{}
	h := withLedger(s, b)
	alice, again, bob := join(t, addr, "alice"), join(t, addr, "alice"), join(t, addr, "bob")
	post("/ws/disconnect", fmt.Sprintf(`{"user_id":"%s","reason":"Zoë says so"}`, alice.id)).want(t, h, 200, `{"success":true,"connections":2}`)
	alice.wantClosed(t, 4004, "Zoë says so")
	again.wantClosed(t, 4004, "Zoë says so")
	post("/ws/disconnect", fmt.Sprintf(`{"user_id":"%s"}`, alice.id)).want(t, h, 404, `{"error":"user_not_online"`)
	if len(b.records) != 0 {
		t.Errorf("recorded %v, and nobody was banned", b.records)
	}
	before := time.Now().Unix()
	post("/ws/disconnect", fmt.Sprintf(`{"user_id":"%s","ban_seconds":60}`, bob.id)).want(t, h, 200, `{"success":true,"connections":1,"kept":"database","until":"20`)
	bob.wantClosed(t, 4004, "disconnected by the administrator")
	if len(b.records) != 1 || !b.records[0].IsBan() || b.records[0].UserID != bob.id || b.records[0].Until < before+60 || b.records[0].Until > before+70 {
		t.Errorf("recorded %+v", b.records)
	}
	post("/ws/disconnect", fmt.Sprintf(`{"user_id":"%s","ban_seconds":60}`, bob.id)).want(t, handlerOf(s, ""), 200, `{"success":true,"connections":0,"kept":"until restart","until":"20`)
}

func TestRevoke(t *testing.T) {
	s, addr := newNode(t)
	b := &book{}
	h := withLedger(s, b)
	alice, bob := join(t, addr, "alice"), join(t, addr, "bob")
	now := time.Now().Unix()
	end := time.Unix(now+100, 0).UTC().Format(time.RFC3339)
	post("/ws/revoke", `{"token_id":"nobody's"}`).want(t, h, 200, `{"success":true,"connections":0,"kept":"database","until":null}`)
	post("/ws/revoke", fmt.Sprintf(`{"user_id":"%s","issued_before":%d,"until":%d}`, alice.id, now-3600, now+60)).want(t, h, 200, `{"success":true,"connections":0,"kept":"database","until":"20`)
	post("/ws/revoke", fmt.Sprintf(`{"user_id":"%s","until":%d}`, alice.id, now+100)).want(t, h, 200, `{"success":true,"connections":1,"kept":"database","until":"`+end+`"}`)
	alice.wantClosed(t, 4002, "the token was revoked")
	post("/ws/revoke", fmt.Sprintf(`{"user_id":"%s"}`, bob.id)).want(t, handlerOf(s, ""), 200, `{"success":true,"connections":1,"kept":"until restart","until":null}`)
	bob.wantClosed(t, 4002, "the token was revoked")
	if len(b.records) != 3 {
		t.Fatalf("recorded %+v", b.records)
	}
	if r := b.records[0]; r.TokenID != "nobody's" || r.UserID != uuid.Nil || r.Until != auth.Forever {
		t.Errorf("a token: %+v", r)
	}
	if r := b.records[1]; r.TokenID != "" || r.UserID != alice.id || r.IssuedBefore != now-3600 || r.IsBan() {
		t.Errorf("a user's older ones: %+v", r)
	}
	if r := b.records[2]; r.IssuedBefore <= now || r.Until != now+100 {
		t.Errorf("all of a user's: %+v", r)
	}
	if n := s.Stats().Revocations; n != 3 {
		t.Errorf("%d revocations are in force, want a token's and two users'", n)
	}
}

// TestUntilNamesTheEndInForce holds that the answer names a later end if an earlier call reaches further.
func TestUntilNamesTheEndInForce(t *testing.T) {
	s, _ := newNode(t)
	h := handlerOf(s, "")
	now := time.Now().Unix()
	last := fmt.Sprintf(`{"token_id":"a","until":%d}`, int64(auth.MaxUnixSeconds))
	post("/ws/revoke", last).want(t, h, 200, `{"success":true,"connections":0,"kept":"until restart","until":"9999-12-31T23:59:59Z"}`)
	post("/ws/revoke", fmt.Sprintf(`{"token_id":"a","until":%d}`, now+60)).want(t, h, 200, `{"success":true,"connections":0,"kept":"until restart","until":"9999-12-31T23:59:59Z"}`)
	post("/ws/revoke", `{"token_id":"a"}`).want(t, h, 200, `{"success":true,"connections":0,"kept":"until restart","until":null}`)
	post("/ws/revoke", last).want(t, h, 200, `{"success":true,"connections":0,"kept":"until restart","until":null}`)
}

// TestInForceBeforeItIsRecorded holds that a ban does not wait for the database, and holds if the database fails.
func TestInForceBeforeItIsRecorded(t *testing.T) {
	s, addr := newNode(t)
	alice, bob := join(t, addr, "alice"), join(t, addr, "bob")
	b := &book{err: errors.New("down")}
	var live []int
	b.before = func() { live = append(live, s.Stats().TotalConnections) }
	h := withLedger(s, b)
	calls := []call{
		post("/ws/revoke", fmt.Sprintf(`{"user_id":"%s"}`, alice.id)),
		post("/ws/disconnect", fmt.Sprintf(`{"user_id":"%s","ban_seconds":9}`, bob.id)),
	}
	for _, c := range calls {
		c.want(t, h, 503, `{"error":"not_recorded"`)
	}
	if n := s.Stats().Revocations; !slices.Equal(live, []int{1, 0}) || n != 2 {
		t.Errorf("when the ledger was asked, %v were connected, want 1 and then 0; %d revocations are in force", live, n)
	}
	b.err = nil
	for _, c := range calls { // again, as the answer says
		c.want(t, h, 200, `{"success":true`)
	}
	if len(b.records) != 2 {
		t.Errorf("recorded: %v", b.records)
	}
}

// TestTheAnswerSaysWhetherToCallAgain: what the node stores later needs no second call.
func TestTheAnswerSaysWhetherToCallAgain(t *testing.T) {
	for err, again := range map[error]bool{server.ErrBusUnavailable: true, server.ErrKeptLater: false, errors.New("down"): true} {
		if f := notRecorded("lifted", "Redis", err); strings.Contains(f.message, "try again") != again || strings.Contains(f.message, "this node stores it") == again {
			t.Errorf("%v: %q", err, f.message)
		}
	}
}

// TestOnlyRevocationsInForceAreRecorded: with more in the database than a node keeps, no node could start.
func TestOnlyRevocationsInForceAreRecorded(t *testing.T) {
	s, _ := newNode(t)
	until := time.Now().Add(time.Hour).Unix()
	for i := range auth.MaxRevocations {
		if err := s.Restore(auth.Revocation{TokenID: fmt.Sprint(i), Until: until}); err != nil {
			t.Fatal(err)
		}
	}
	b := &book{}
	h := withLedger(s, b)
	post("/ws/revoke", `{"token_id":"one too many"}`).want(t, h, 503, `{"error":"too_many_revocations"`)
	post("/ws/disconnect", fmt.Sprintf(`{"user_id":"%s","ban_seconds":9}`, uuid.New())).want(t, h, 503, `{"error":"too_many_revocations"`)
	post("/ws/revoke", `{"token_id":"1"}`).want(t, h, 200, `{"success":true`)
	if len(b.records) != 1 {
		t.Errorf("recorded: %v", b.records)
	}
}

func TestBadCallsAboutUsers(t *testing.T) {
	b := &book{}
	s, _ := newNode(t)
	h := withLedger(s, b)
	id := uuid.NewString()
	for body, code := range map[string]string{
		`{}`:                                  "missing_field",
		`{"user_id":"bob"}`:                   "bad_user_id",
		`{"user_id":"` + id + `","why":"x"}`:  "unknown_field",
		`{"user_id":"` + id + `","reason":7}`: "wrong_type",
		`{"user_id":"` + id + `","reason":"` + strings.Repeat("é", 62) + `"}`: "bad_reason",
		`{"user_id":"` + id + `","ban_seconds":0}`:                            "bad_seconds",
		`{"user_id":"` + id + `","ban_seconds":"60"}`:                         "bad_seconds",
		`{"user_id":"` + id + `","ban_seconds":1.5}`:                          "bad_seconds",
		`{"user_id":"` + id + `","ban_seconds":1e12}`:                         "bad_seconds",
		`{"user_id":"` + id + `","ban_seconds":null}`:                         "bad_seconds",
	} {
		post("/ws/disconnect", body).expect(t, h, code)
	}
	for body, code := range map[string]string{
		`{}`: "bad_revocation",
		`{"token_id":"a","user_id":"` + id + `"}`:              "bad_revocation",
		`{"token_id":"a","issued_before":1}`:                   "bad_revocation",
		`{"token_id":""}`:                                      "bad_token_id",
		`{"token_id":"` + strings.Repeat("a", 129) + `"}`:      "bad_token_id",
		`{"token_id":7}`:                                       "wrong_type",
		`{"user_id":"bob"}`:                                    "bad_user_id",
		`{"user_id":"` + id + `","issued_before":"now"}`:       "bad_seconds",
		`{"user_id":"` + id + `","issued_before":99999999999}`: "bad_seconds",
		`{"user_id":"` + id + `","until":1700000000}`:          "bad_seconds",
		`{"token_id":"a","until":1700000000000}`:               "bad_seconds",
		`{"token_id":"a","expires_in":60}`:                     "unknown_field",
	} {
		post("/ws/revoke", body).expect(t, h, code)
	}
	if len(b.records) != 0 {
		t.Errorf("recorded %+v", b.records)
	}
}
