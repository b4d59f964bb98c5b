package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

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
		alice.received()
		receipt, err := w.server.Broadcast(tt.messageType, json.RawMessage("1"))
		w.net.Settle()
		if received := alice.received(); !errors.Is(err, tt.want) || err == nil && (len(received) != 1 || receipt.Connections != 1) {
			t.Errorf("%q: %v, for %d connections; received %q", tt.messageType, err, receipt.Connections, received)
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

// TestAnAdministratorsMessageWithTheSameIDIsSentOnce sends messages again while a user is online and after the user has gone.
func TestAnAdministratorsMessageWithTheSameIDIsSentOnce(t *testing.T) {
	w := newWorld(t, 1, func(o *Options) { o.History = History{Messages: 3, Bytes: 1 << 16, Age: time.Minute, Room: 1 << 20} })
	alice := w.join("alice")
	alice.received()
	send := func(id string) (Receipt, error) {
		return w.server.SendOnce(id, userID("alice"), "text", json.RawMessage("1"))
	}
	broadcast := func(id string) (Receipt, error) { return w.server.BroadcastOnce(id, "text", json.RawMessage("1")) }
	for _, tt := range []struct {
		what string
		send func(id string) (Receipt, error)
		id   string
		want Receipt
		err  error
		away bool
	}{
		{"a direct message", send, "a", Receipt{ID: "a", Connections: 1, Seq: 1, Stored: true}, nil, false},
		{"a broadcast", broadcast, "b", Receipt{ID: "b", Connections: 1, Seq: 1, Stored: true}, nil, false},
		{"a direct message to a user who is away", send, `c"`, Receipt{ID: `c"`, Seq: 2, Stored: true}, ErrNotOnline, true},
	} {
		if tt.away {
			alice.Reset()
			w.net.Settle()
		}
		for range 2 {
			if got, err := tt.send(tt.id); got != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("%s: %+v, %v; want %+v, %v", tt.what, got, err, tt.want, tt.err)
			}
		}
		w.net.Settle()
		if received := alice.received(); len(received) != 1 && !tt.away {
			t.Errorf("%s arrives as %q", tt.what, received)
		}
	}
	if r, err := w.server.SendOnce("d", userID("nobody"), "text", json.RawMessage("1")); !errors.Is(err, ErrNotOnline) || r.Stored || r.Seq != 0 {
		t.Errorf("a message to a user who was never here: %+v, %v", r, err)
	}
	w.net.Advance(3 * time.Minute)
	if r, err := broadcast("b"); err != nil || r.Seq != 2 {
		t.Errorf("a receipt older than the history: %+v, %v", r, err)
	}
}
