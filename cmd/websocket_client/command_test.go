package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/uuid"
)

func TestEachCommandSendsItsMessage(t *testing.T) {
	for _, tt := range []struct{ line, kind, data string }{
		{"text Hello everyone!", "text", `{"content":"Hello everyone!"}`},
		{"  text   <b> \"é\"  ", "text", `{"content":"<b> \"é\""}`},
		{"notification Deploy at noon", "notification", `{"content":"Deploy at noon"}`},
		{"ping", "ping", `{}`},
	} {
		t.Run(tt.line, func(t *testing.T) {
			s := serve(t, pong)
			wantOutcome(t, client(t, tt.line+"\n", "--url", s.ws()), exitOK, "", "Connected to "+s.ws())
			if len(s.sent()) != 1 {
				t.Fatalf("messages %q", s.sent())
			}
			var m message
			if err := json.Unmarshal([]byte(s.sent()[0]), &m); err != nil {
				t.Fatal(err)
			}
			if m.Type != tt.kind || !sameJSON(t, string(m.Data), tt.data) || uuid.Validate(m.ID) != nil {
				t.Errorf("sent %s", s.sent()[0])
			}
			if sent, err := time.Parse(time.RFC3339, m.Timestamp); err != nil || time.Since(sent) > time.Minute {
				t.Errorf("timestamp %q", m.Timestamp)
			}
			if strings.Contains(s.sent()[0], "_user_id") {
				t.Errorf("the client names a sender, which is up to the server: %s", s.sent()[0])
			}
			if s.closed != websocket.StatusNormalClosure {
				t.Errorf("closed with %d", s.closed)
			}
		})
	}
}

func sameJSON(t *testing.T, a, b string) bool {
	t.Helper()
	var x, y any
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		t.Fatalf("not JSON: %s, %s", a, b)
	}
	left, _ := json.Marshal(x)
	right, _ := json.Marshal(y)
	return string(left) == string(right)
}

func TestJSONIsSentUnchanged(t *testing.T) {
	const raw = `{"id":"test", "message_type":"ping","data":{},"timestamp":"2024-01-01T00:00:00Z", "more":[1]}`
	s := serve(t, pong)
	got := client(t, "json "+raw+"\n", "--url", s.ws())
	wantOutcome(t, got, exitOK, " pong: test {}", "")
	if len(s.sent()) != 1 || s.sent()[0] != raw {
		t.Errorf("sent %q", s.sent())
	}
}

func TestInvalidLinesSendNothing(t *testing.T) {
	for _, tt := range []struct{ line, out, err string }{
		{"", "", ""},
		{"help", help, ""},
		{"text", "", "text needs words"},
		{"notification  ", "", "notification needs words"},
		{"json", "", "json needs an object"},
		{"json [1]", "", "json needs an object"},
		{"json null", "", "json needs an object"},
		{`json {"a":`, "", "json needs an object"},
		{"shout hello", "", `"shout" is not a command: help lists the commands`},
	} {
		s := serve(t, silence)
		wantOutcome(t, client(t, tt.line+"\n", "--url", s.ws()), exitOK, tt.out, tt.err)
		if len(s.sent()) != 0 {
			t.Errorf("%q sent %q", tt.line, s.sent())
		}
	}
}
