package admin

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"momentum/server"
)

func TestCallsAreAnswered(t *testing.T) {
	h := newSidecar(t, "")
	for _, c := range []struct {
		call
		want string
	}{
		{call{path: "/ws/online"}, `{"count":0,"users":[]}`},
		{call{path: "/ws/stats"}, `{"total_connections":0,"unique_users":0,"server_uptime":`},
		{call{method: "POST", path: "/ws/cleanup"}, `{"cleaned_connections":0,"remaining_connections":0}`},
		{call{method: "POST", path: "/ws/broadcast", body: `{"message_type":"text","data":{"a":1}}`}, `{"success":true,"id":"`},
		{call{method: "POST", path: "/ws/broadcast", body: `{"message_type":"text","data":{"a":1,"a":2}}`}, `{"success":true,"id":"`}, // data is the caller's
		{call{path: "/demo/server.json"}, `{"port":8000,"page_port":8001,"guests":false}`},
		{call{path: "/readyz"}, `{"status":"ok","parts":{`},
	} {
		if status, body, headers := c.on(t, h); status != 200 || !strings.HasPrefix(body, c.want) || headers.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %s, Cache-Control %q", c.path, status, body, headers.Get("Cache-Control"))
		}
	}
}

func TestOnlineIsPaged(t *testing.T) {
	s, addr := newNode(t)
	h := handlerOf(s, "")
	names := map[uuid.UUID]string{}
	for _, name := range []string{"alice", "bob", "carol"} {
		names[join(t, addr, name).id] = name
	}
	var seen []uuid.UUID
	path := "/ws/online?limit=2"
	for _, rows := range []int{2, 1} {
		_, body, _ := call{path: path}.on(t, h)
		var page struct {
			Count int
			Users []server.OnlineUser
			Next  string
		}
		if err := json.Unmarshal([]byte(body), &page); err != nil {
			t.Fatal(err)
		}
		if page.Count != 3 || len(page.Users) != rows || (page.Next == "") != (rows == 1) {
			t.Fatalf("%s: %s", path, body)
		}
		for _, u := range page.Users {
			if u.Username != names[u.UserID] || u.ConnectedAt.IsZero() {
				t.Errorf("%+v", u)
			}
			seen = append(seen, u.UserID)
		}
		path = "/ws/online?limit=2&after=" + page.Next
	}
	if !slices.IsSortedFunc(seen, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }) || len(slices.Compact(seen)) != 3 {
		t.Errorf("the pages show %v, want each user once, in order", seen)
	}
	if _, body, _ := (call{path: "/ws/online?limit=3"}).on(t, h); strings.Contains(body, "next") {
		t.Errorf("a page that holds all promises another: %s", body)
	}
}

// odd is JSON that decoding and encoding would change.
const odd = `{"b": 1,  "a":"\u00e9<&>", "n":1.0e+2, "big":12345678901234567890}`

func TestDataArrivesByteForByte(t *testing.T) {
	s, addr := newNode(t)
	h := handlerOf(s, "")
	alice, bob := join(t, addr, "alice"), join(t, addr, "bob")
	body := `{"message_type":"notification","data":` + odd + `}`
	if status, answered, _ := (call{method: "POST", path: "/ws/broadcast", body: body}).on(t, h); status != 200 || !strings.Contains(answered, `"connections":2`) {
		t.Fatalf("%d %s", status, answered)
	}
	for _, m := range []*member{alice, bob} {
		if message := m.receive(t, "notification"); !strings.Contains(message, `"data":`+odd) {
			t.Errorf("arrived as %s", message)
		}
	}
}

func TestSendReachesOnlyItsRecipient(t *testing.T) {
	s, addr := newNode(t)
	h := handlerOf(s, "")
	alice, bob := join(t, addr, "alice"), join(t, addr, "bob")
	again := join(t, addr, "alice") // the same user's second connection
	body := `{"to_user_id":"` + alice.id.String() + `","message_type":"text","data":"for alice"}`
	if status, answered, _ := (call{method: "POST", path: "/ws/send", body: body}).on(t, h); status != 200 ||
		!strings.HasPrefix(answered, `{"success":true,`) || !strings.Contains(answered, `"connections":2`) {
		t.Fatalf("%d %s", status, answered)
	}
	alice.receive(t, "text")
	again.receive(t, "text")
	if status, _, _ := (call{method: "POST", path: "/ws/broadcast", body: `{"message_type":"text","data":"for all"}`}).on(t, h); status != 200 {
		t.Fatal(status)
	}
	if message := bob.receive(t, "text"); !strings.Contains(message, "for all") {
		t.Errorf("bob heard %s", message)
	}
}

// TestCallsSayWhatBecameOfAMessage checks the number, and whether the message is kept, for users online, away and unknown.
func TestCallsSayWhatBecameOfAMessage(t *testing.T) {
	s, addr := newNode(t)
	h := handlerOf(s, "")
	alice, bob := join(t, addr, "alice"), join(t, addr, "bob")
	bob.leave(t)
	to := func(id uuid.UUID) string {
		return `{"id":"x ` + id.String()[:4] + `","to_user_id":"` + id.String() + `","message_type":"text"}`
	}
	for _, tt := range []struct {
		path, body string
		status     int
		want       string
	}{
		{"/ws/send", to(alice.id), 200, `{"success":true,"id":"x ` + alice.id.String()[:4] + `","connections":1,"online":true,"seq":1,"stored":true}`},
		{"/ws/send", to(alice.id), 200, `{"success":true,"id":"x ` + alice.id.String()[:4] + `","connections":1,"online":true,"seq":1,"stored":true}`},
		{"/ws/send", to(bob.id), 404, `{"success":false,"id":"x ` + bob.id.String()[:4] + `","connections":0,"online":false,"seq":1,"stored":true,"error":"user_not_online","message":"the user is not online; the message is kept for HISTORY_AGE"}`},
		{"/ws/send", to(uuid.Max), 404, `{"success":false,"connections":0,"online":false,"stored":false,"error":"user_not_online","message":"the user is not online"}`},
		{"/ws/broadcast", `{"id":"b","message_type":"text"}`, 200, `{"success":true,"id":"b","connections":1,"online":true,"seq":1,"stored":true}`},
		{"/ws/broadcast", `{"id":"b","message_type":"text"}`, 200, `{"success":true,"id":"b","connections":1,"online":true,"seq":1,"stored":true}`},
	} {
		if status, body, _ := (call{method: "POST", path: tt.path, body: tt.body}).on(t, h); status != tt.status || strings.TrimSpace(body) != tt.want {
			t.Errorf("%s %s: %d\n%swant %d\n%s", tt.path, tt.body, status, body, tt.status, tt.want)
		}
	}
	for _, id := range []string{`""`, `"` + strings.Repeat("x", 129) + `"`} {
		call{method: "POST", path: "/ws/broadcast", body: `{"message_type":"text","id":` + id + `}`}.expect(t, h, "bad_id")
	}
	call{method: "POST", path: "/ws/broadcast", body: `{"message_type":"text","id":7}`}.expect(t, h, "wrong_type")
}

func TestAnUnknownOutcomeIsSaid(t *testing.T) {
	for err, unknown := range map[error]bool{server.ErrOutcomeUnknown: true, server.ErrBusUnavailable: false} {
		status, sent := sentOutcome(server.Receipt{ID: "x"}, err)
		if status != http.StatusServiceUnavailable || sent.Error != "bus_unavailable" || sent.Unknown != unknown || sent.ID != "x" {
			t.Errorf("%v: %d %+v", err, status, sent)
		}
	}
}
