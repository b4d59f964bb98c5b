package server

import (
	"fmt"
	"testing"

	"momentum/internal/serial"
	"momentum/server/reason"
)

// TestReliefLooksInSteps has more sessions than a turn looks at, and some that hold too much: they are found in several
// turns, and no turn ends many.
func TestReliefLooksInSteps(t *testing.T) {
	serial.Test(t)
	const crowd, hoarders = 2 * reliefBudget, 300
	w := newWorld(t, 1, func(o *Options) { o.Reactors, o.MaxHeldBytes, o.NewID = 1, 8<<20, newIDs() })
	for i := range crowd {
		w.join(fmt.Sprint("member", i))
	}
	nearly := frame(1, make([]byte, 60<<10))
	clients := make([]*client, hoarders)
	for i := range clients {
		clients[i] = w.join(fmt.Sprint("hoarder", i))
	}
	for _, c := range clients {
		c.Send(nearly[:len(nearly)-1])
	}
	before := w.server.sessionsNow()
	turns := 0
	for w.net.Step() {
		now := w.server.sessionsNow()
		if before-now > reliefBudget/reliefCloseCost+1 {
			t.Fatalf("one turn ended %d sessions", before-now)
		}
		if before > now {
			turns++
		}
		before = now
	}
	if closed := int(w.server.counters.Ended(reason.ClosedMemory)); closed < hoarders/2 || closed > hoarders {
		t.Errorf("%d of %d hoarders were closed", closed, hoarders)
	}
	if turns < 2 {
		t.Errorf("they were found in %d turns", turns)
	}
	if err := w.audit(); err != nil {
		t.Error(err)
	}
}
