package admin

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"momentum/server"
	"momentum/server/ends"
)

// close closes the connection as RFC 6455 wants, and waits for its end.
func (m *member) close(t *testing.T) {
	t.Helper()
	_, _ = m.conn.Write([]byte{0x88, 0x82, 0, 0, 0, 0, 3, 232})
	buffer := make([]byte, 1024)
	for {
		if _, err := m.conn.Read(buffer); err != nil {
			return
		}
	}
}

func TestClosesArePaged(t *testing.T) {
	s, addr := newNode(t)
	h := handlerOf(s, "")
	for i := range 5 {
		join(t, addr, fmt.Sprint("user", i)).close(t)
	}
	seen := map[string]bool{}
	for path := "/ws/closes?limit=2"; path != ""; {
		_, body, _ := call{path: path}.on(t, h)
		var page closesAnswer
		if err := json.Unmarshal([]byte(body), &page); err != nil || page.Count != 5 {
			t.Fatalf("%s: %s", path, body)
		}
		for _, row := range page.Closes {
			seen[row.UserID.String()] = row.Reason == "peer_closed" && row.Address == "127.0.0.1" && row.Code == 1000
		}
		if path = ""; page.Next != "" {
			path = "/ws/closes?limit=2&after=" + url.QueryEscape(page.Next)
		}
	}
	if len(seen) != 5 {
		t.Errorf("the pages have %v", seen)
	}
	for id, as := range seen {
		if !as {
			t.Errorf("the end of %s is not as it was", id)
		}
	}
}

func TestClosesAreFiltered(t *testing.T) {
	s, addr := newNode(t)
	h := handlerOf(s, "")
	alice, bob := join(t, addr, "alice"), join(t, addr, "bob")
	alice.close(t)
	bob.close(t)
	for query, want := range map[string]int{
		"user=" + alice.id.String(): 1,
		"address=127.0.0.1":         2,
		"address=127.0.0.2":         0,
		"address=2001:db8::/64":     0,
		"code=1000":                 2,
		"code=1006":                 0,
		"reason=peer_closed&side=client&kind=session": 2,
		"reason=slow":    0,
		"kind=handshake": 0,
		"since=1h":       2,
		"since=" + time.Now().UTC().Format("2006")[:3] + "9-12-31T00:00:00Z": 0,
	} {
		_, body, _ := call{path: "/ws/closes?" + query}.on(t, h)
		var page closesAnswer
		if err := json.Unmarshal([]byte(body), &page); err != nil || page.Count != want || len(page.Closes) != want {
			t.Errorf("%s: %s, want %d", query, body, want)
		}
	}
	for query, code := range map[string]string{
		"user=bob": "bad_user_id", "address=bob": "bad_address", "code=1": "bad_code", "code=x": "bad_code", "reason=none": "bad_reason",
		"side=left": "bad_side", "kind=of": "bad_kind", "since=yesterday": "bad_since", "since=-5m": "bad_since", "after=x": "bad_after", "limit=0": "bad_limit",
		"after=20240102T030405.000000678Z-999-session-1-": "bad_after", "after=20240102T030405.000000678Z-1-thing-1-": "bad_after", "scope=planet": "bad_scope", "name=bob": "unknown_parameter",
	} {
		if _, body, _ := (call{path: "/ws/closes?" + query}).on(t, h); !strings.HasPrefix(body, `{"error":"`+code+`"`) {
			t.Errorf("%s: %s, want %s", query, body, code)
		}
	}
}

func TestPlacesOfEndsAreReadAsWritten(t *testing.T) {
	at := time.Date(2024, 1, 2, 3, 4, 5, 678, time.UTC)
	for _, p := range []server.EndPlace{{At: at, Kind: ends.Session, Reactor: 3, Number: 9}, {At: at, Node: "a-b:8000", Kind: ends.Handshake, Number: 1}} {
		if got, ok := parsePlace(formatPlace(p)); !ok || got != p {
			t.Errorf("%s is read as %+v", formatPlace(p), got)
		}
	}
}
