package server

import (
	"fmt"
	"testing"

	"momentum/server/reason"
)

func TestSizeClassesRiseWithTheSize(t *testing.T) {
	last := -1
	for bytes := range 1 << 20 {
		class := sizeClass(bytes)
		if class < last || class > last+1 {
			t.Fatalf("%d bytes are of class %d, one less of %d", bytes, class, last)
		}
		last = class
	}
	if class := sizeClass(1<<31 - 1); class >= len(sizes{}) {
		t.Errorf("2 GiB are of class %d", class)
	}
}

func TestThresholdHoldsAtLeastTheBytes(t *testing.T) {
	var z sizes
	for _, bytes := range []int{100, 200, 3000, 3000, 50_000} {
		z.add(bytes)
	}
	for bytes, from := range map[int]int{-5: 1 << 30, 0: 1 << 30, 1: 50_000, 50_001: 3000, 56_001: 200, 56_300: 100, 99_999: 1} {
		class := z.threshold(bytes)
		if from == 1<<30 && class != len(z) || from != 1<<30 && sizeClass(from) < class {
			t.Errorf("%d bytes: class %d, %d bytes are of class %d", bytes, class, from, sizeClass(from&(1<<30-1)))
		}
	}
}

// TestReliefLooksInSteps has more sessions than a turn looks at, and some that hold too much: they are found in several
// turns, and no turn ends many.
func TestReliefLooksInSteps(t *testing.T) {
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
