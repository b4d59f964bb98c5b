package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/google/uuid"
)

// TestEachUserOnline lists every user online once, and no user that has left.
func TestEachUserOnline(t *testing.T) {
	w := newWorld(t, 1, nil)
	want := map[uuid.UUID]bool{}
	for i := range 300 {
		c := w.join(fmt.Sprint("user", i))
		if i%3 == 0 {
			c.Reset()
			w.net.Settle()
			continue
		}
		want[userID(c.name)] = true
	}
	for id := range w.server.EachUserOnline {
		if !want[id] {
			t.Errorf("%v is listed", id)
		}
		delete(want, id)
	}
	if len(want) != 0 {
		t.Errorf("%d are not listed", len(want))
	}
	for range w.server.EachUserOnline {
		break
	}
}

func TestAdministratorsMaySendThreeTypes(t *testing.T) {
	w := newWorld(t, 1, nil)
	alice := w.join("alice")
	for _, tt := range []struct {
		messageType string
		want        error
	}{
		{"text", nil}, {"notification", nil}, {"system_message", nil},
		{"ping", ErrNotAllowedType}, {"error", ErrNotAllowedType}, {"", ErrNotAllowedType},
	} {
		alice.heard()
		receipt, err := w.server.Broadcast(tt.messageType, json.RawMessage("1"))
		w.net.Settle()
		if heard := alice.heard(); !errors.Is(err, tt.want) || err == nil && (len(heard) != 1 || receipt.Connections != 1) {
			t.Errorf("%q: %v, for %d connections; heard %q", tt.messageType, err, receipt.Connections, heard)
		}
	}
	if _, err := w.server.Send(userID("bob"), "text", json.RawMessage("1")); !errors.Is(err, ErrNotOnline) {
		t.Errorf("a message for a user that is not online: %v", err)
	}
}

func TestADrainingNodeIsNotReady(t *testing.T) {
	w := newWorld(t, 1, nil)
	if err := w.server.Ready(); err != nil {
		t.Errorf("a new node: %v", err)
	}
	w.server.StartDrain()
	if err := w.server.Ready(); !errors.Is(err, ErrDraining) {
		t.Errorf("a draining node: %v", err)
	}
}
