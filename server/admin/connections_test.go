package admin

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"momentum/server"
)

func TestTheHeaviestConnectionsAreAnswered(t *testing.T) {
	s, addr := newNode(t)
	h := handlerOf(s, "")
	alice := join(t, addr, "alice")
	for query, want := range map[string]int{
		"": 1, "?sort=bytes_in": 1, "?sort=bytes_out&window=60&limit=1&scope=node": 1, "?sort=queue": 0, "?sort=refused": 0,
		"?user=" + alice.id.String(): 1, "?address=127.0.0.1&window=10": 1, "?address=127.0.0.2": 0, "?topic=news": 0,
	} {
		_, body, _ := call{path: "/ws/connections" + query}.on(t, h)
		var page connectionsAnswer
		if err := json.Unmarshal([]byte(body), &page); err != nil || len(page.Connections) != want || page.Connections == nil {
			t.Errorf("%s: %s, want %d", query, body, want)
		}
		filtered := strings.HasPrefix(query, "?user") || strings.HasPrefix(query, "?address") || strings.HasPrefix(query, "?topic")
		if strings.Contains(query, "window=60") != (page.Window == 60) || filtered != (page.Sort == "") {
			t.Errorf("%s: %s", query, body)
		}
	}
	for query, code := range map[string]string{
		"sort=size": "bad_sort", "window=11": "bad_window", "limit=0": "bad_limit", "after=0-1": "bad_after", "scope=planet": "bad_scope",
		"user=bob": "bad_user_id", "address=bob": "bad_address", "topic=a%20b": "bad_topic", "user=" + alice.id.String() + "&topic=news": "bad_filter",
		"topic=news&sort=queue": "bad_sort", "topic=news&after=x": "bad_after", "topic=news&after=999-1": "bad_after", "topic=news&limit=x": "bad_limit", "name=bob": "unknown_parameter",
	} {
		call{path: "/ws/connections?" + query}.expect(t, h, code)
	}
}

func TestConnectionsOfAUserArePaged(t *testing.T) {
	s, addr := newNode(t)
	h := handlerOf(s, "")
	id := join(t, addr, "alice").id.String()
	join(t, addr, "alice")
	join(t, addr, "alice")
	join(t, addr, "bob")
	seen := map[string]bool{}
	for path := "/ws/connections?limit=2&user=" + id; path != ""; {
		_, body, _ := call{path: path}.on(t, h)
		var page connectionsAnswer
		if err := json.Unmarshal([]byte(body), &page); err != nil || len(page.Connections) > 2 {
			t.Fatalf("%s: %s", path, body)
		}
		for _, row := range page.Connections {
			seen[row.ID] = row.Username == "alice" && row.Address == "127.0.0.1" && row.BytesIn > 0
		}
		if path = ""; page.Next != "" {
			path = "/ws/connections?limit=2&user=" + id + "&after=" + url.QueryEscape(page.Next)
		}
	}
	if len(seen) != 3 {
		t.Errorf("the pages have %v", seen)
	}
}

// TestOneConnectionIsClosed: the other one of the user stays, and the call is among the changes.
func TestOneConnectionIsClosed(t *testing.T) {
	s, addr := newNode(t)
	h := handlerOf(s, "")
	alice := join(t, addr, "alice")
	join(t, addr, "alice")
	_, body, _ := call{path: "/ws/connections?user=" + alice.id.String()}.on(t, h)
	var page connectionsAnswer
	if err := json.Unmarshal([]byte(body), &page); err != nil {
		t.Fatal(err)
	}
	id := page.Connections[0].ID
	_, body, _ = remove("/ws/connections/"+id+"?reason=bye").on(t, h)
	if strings.TrimSpace(body) != `{"success":true,"connections":1}` {
		t.Errorf("%s", body)
	}
	remove("/ws/connections/"+id).expect(t, h, "no_such_connection")
	remove("/ws/connections/"+strings.ToUpper(id)).expect(t, h, "no_such_connection")
	remove("/ws/connections/").expect(t, h, "no_such_connection")
	remove("/ws/connections/"+id+"?reason="+strings.Repeat("x", 124)).expect(t, h, "bad_reason")
	remove("/ws/connections/"+id+"?reason=%ff").expect(t, h, "bad_reason")
	call{path: "/ws/connections/" + id}.expect(t, h, "method_not_allowed")
	if s.Stats().TotalConnections != 1 || s.Stats().Closed["disconnected"] != 1 {
		t.Errorf("%+v", s.Stats())
	}
	_, body, _ = call{path: "/ws/changes"}.on(t, h)
	if !strings.Contains(body, `"call":"DELETE /ws/connections/`+id+`","with":{"reason":"bye"},"status":200`) {
		t.Errorf("%s", body)
	}
}

func TestPlacesOfConnectionsAreReadAsWritten(t *testing.T) {
	for _, c := range []server.ConnectionCursor{
		{Place: server.ConnectionPlace{Reactor: 3, At: 1 << 60}},
		{Node: "a-b:8000", Place: server.ConnectionPlace{At: 7}},
	} {
		if got, ok := parseConnection(formatConnection(c)); !ok || got != c {
			t.Errorf("%s is read as %+v", formatConnection(c), got)
		}
	}
}
