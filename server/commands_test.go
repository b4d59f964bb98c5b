package server

import (
	"strings"
	"testing"
)

// TestCommandsAreAnswered sends one message of each kind and checks the answer to its sender.
func TestCommandsAreAnswered(t *testing.T) {
	w := newWorld(t, 1, nil)
	alice, bob := w.join("alice"), w.join("bob")
	for _, tt := range []struct{ message, answer string }{
		{`{"id":"1","message_type":"ping","data":{"a":[1]}}`, `{"id":"1","message_type":"pong","data":{"a":[1]},`},
		{`{"id":"2","message_type":"text","data":1}`, ""},
		{toBob(3), ""},
		{`{"id":"4","message_type":"text","data":1,"to_user_id":"` + userID("nobody").String() + `"}`, `"code":"user_not_online"`},
		{`{"id":"5","message_type":"system_message","data":1}`, `"code":"not_allowed"`},
		{`{"id":"6","message_type":"refresh","data":1}`, `"code":"refresh_refused"`},
		{`no JSON`, `"message_type":"error"`},
	} {
		alice.received()
		alice.text(tt.message)
		w.net.Settle()
		received := strings.Join(alice.received(), "\n")
		if tt.answer == "" && received != "" || !strings.Contains(received, tt.answer) {
			t.Errorf("%s is answered %q, want %q", tt.message, received, tt.answer)
		}
	}
	if received := dropPresence(bob.received()); len(received) != 3 { // the 101, and the two messages
		t.Errorf("bob received %q", received)
	}
}
