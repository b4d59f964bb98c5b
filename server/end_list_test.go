package server

import (
	"fmt"
	"slices"
	"testing"
)

// TestEndsOfAllReactorsAreMerged has connections on both reactors.
func TestEndsOfAllReactorsAreMerged(t *testing.T) {
	w := newWorld(t, 1, nil)
	for i := range 8 {
		w.join(fmt.Sprint("user", i)).HangUp()
		w.net.Advance(1e9)
	}
	reactors := map[uint8]bool{}
	var names []string
	for after := (EndPlace{}); ; {
		p := w.endsOf(endQuestion{After: after, Limit: 3})
		if p.Total != 8 || len(p.Rows) > 3 {
			t.Fatalf("%d rows of %d", len(p.Rows), p.Total)
		}
		for _, row := range p.Rows {
			reactors[row.Reactor] = true
			names = append(names, row.UserID.String())
			after = row.Place()
		}
		if !p.More {
			break
		}
	}
	var want []string
	for i := range 8 {
		want = append(want, userID(fmt.Sprint("user", 7-i)).String())
	}
	if !slices.Equal(names, want) || len(reactors) != 2 {
		t.Errorf("%v on the reactors %v, want %v", names, reactors, want)
	}
}
