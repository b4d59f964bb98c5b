package server

import (
	"encoding/json"
	"testing"
)

func TestComplaintsAreValidJSON(t *testing.T) {
	for want, got := range map[string][]byte{
		`{"code":"a","message":"say \"b\""}`:            append(appendComplaint(nil, "a", `say "b"`, nil), '}'),
		`{"code":"a","message":"b","ref_id":"message"}`: append(appendComplaint(nil, "a", "b", []byte(`"message"`)), '}'),
	} {
		if string(got) != want || !json.Valid(got) {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestRepliesAreFlushedBeforeOtherBytes closes a session in the middle of its own read: its answers come first. Another
// session gets none of them.
func TestRepliesAreFlushedBeforeOtherBytes(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.Reactors = 1 })
	alice, bob := w.join("alice"), w.join("bob")
	alice.received()
	bob.received()
	sh := w.shards()[0]
	var sessions []*session
	for s := range sh.sessions.live() {
		sessions = append(sessions, s)
	}
	sh.replies.reader = sessions[0]
	sh.replies.complain("a", "b", nil)
	if sh.replies.flushOwn(sessions[1]); len(sh.replies.bytes) == 0 {
		t.Error("the answers went to another session")
	}
	if sh.replies.flushOwn(sessions[0]); len(sh.replies.bytes) != 0 {
		t.Error("the answers were not written")
	}
	sh.replies.reader = nil
	if received := alice.received(); len(received) != 1 {
		t.Errorf("alice received %q", received)
	}
	if received := bob.received(); len(received) != 0 {
		t.Errorf("bob received %q", received)
	}
}
