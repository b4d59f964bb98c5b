package server

import (
	"fmt"
	"strings"
	"testing"

	"momentum/netpoll"
)

// toBob is alice's n-th message to bob alone.
func toBob(n int) string {
	return fmt.Sprintf(`{"id":"%d","message_type":"text","to_user_id":"%s","data":1}`, n, userID("bob"))
}

// expectBeforeClose checks that a client received that many messages, the last of them right before its close frame.
func (c *client) expectBeforeClose(t *testing.T, messages int, code string) {
	t.Helper()
	lines := c.received()
	if len(lines) != messages+1 || !strings.HasPrefix(lines[messages], "close "+code) {
		t.Fatalf("want %d messages and a close frame %s, got %q", messages, code, lines)
	}
	for n, line := range lines[:messages] {
		if !strings.HasPrefix(line, fmt.Sprintf(`{"id":"%d"`, n)) {
			t.Errorf("message %d is %q", n, line)
		}
	}
}

// TestDirectMessagesOfTheClosingTurnComeBeforeTheCloseFrame closes a session in the turn that has direct messages for it
// gathered and not written yet.
func TestDirectMessagesOfTheClosingTurnComeBeforeTheCloseFrame(t *testing.T) {
	start := func(t *testing.T) (w *world, alice, bob *client) {
		w = newWorld(t, 1, func(o *Options) { o.Reactors = 1 })
		alice, bob = w.join("alice"), w.join("bob")
		bob.received()
		return w, alice, bob
	}
	t.Run("eviction", func(t *testing.T) {
		w, alice, bob := start(t)
		alice.text(toBob(0))
		alice.text(toBob(1))
		if _, err := w.server.Disconnect(userID("bob"), "", 0); err != nil {
			t.Fatal(err)
		}
		w.net.Settle()
		bob.expectBeforeClose(t, 2, "4004")
	})
	t.Run("drain", func(t *testing.T) {
		w, alice, bob := start(t)
		w.server.StartDrain()
		w.net.Settle()
		alice.text(toBob(0))
		w.net.Jump(netpoll.TickLength)
		bob.expectBeforeClose(t, 1, "1012")
	})
}
