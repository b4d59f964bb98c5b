package server

import (
	"testing"
	"time"

	"momentum/server/history"
)

func TestTheHistoryOfTheBroadcastIsCounted(t *testing.T) {
	w := newWorld(t, 1, nil)
	for range 300 {
		if _, err := w.server.Broadcast("text", []byte(`"some words"`)); err != nil {
			t.Fatal(err)
		}
		if err := w.server.broadcast.audit(); err != nil {
			t.Fatal(err)
		}
	}
	keepUncounted(w)
	if w.server.broadcast.audit() == nil {
		t.Error("a message that is not counted is not found")
	}
}

// keepUncounted has the broadcast keep a message that its store has not counted.
func keepUncounted(w *world) {
	for range 2 {
		w.server.broadcast.store = history.NewStore(history.Limits{Messages: 10, Bytes: 1000, Age: time.Minute}, 1000)
		_, _ = w.server.Broadcast("text", nil)
	}
}
