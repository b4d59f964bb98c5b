package netpoll_test

import (
	"slices"
	"testing"
	"time"

	"momentum/netpoll"
)

// turnsAt makes a world and a list of the moments of its turns, as time since its start. ask is called in the first turn.
func turnsAt(t *testing.T, ask func(*netpoll.Reactor)) (advance func(time.Duration), turns *[]time.Duration) {
	t.Helper()
	w, h := newWorld(t, nil)
	turns = new([]time.Duration)
	start := w.Now()
	h[0].onWork = func() { *turns = append(*turns, w.Now().Sub(start)) }
	h[0].onPosted = func() { ask(h[0].reactor) }
	w.Group.PostAll(netpoll.Post{}, nil)
	w.Settle()
	return w.Advance, turns
}

func TestATurnComesAtTheMomentItIsWanted(t *testing.T) {
	for _, d := range []time.Duration{50 * time.Microsecond, 2 * time.Millisecond, netpoll.TickLength + time.Microsecond} {
		advance, turns := turnsAt(t, func(r *netpoll.Reactor) { r.WantTurnAfter(d) })
		advance(3 * netpoll.TickLength)
		if !slices.Contains(*turns, d) {
			t.Errorf("wanted after %v, turns came after %v", d, *turns)
		}
	}
}

// TestTheEarliestWantedTurnComes, and no other: a handler whose work is not due in it asks again.
func TestTheEarliestWantedTurnComes(t *testing.T) {
	const early, late = 200 * time.Microsecond, 300 * time.Microsecond
	for name, ask := range map[string]func(*netpoll.Reactor){
		"the early one first": func(r *netpoll.Reactor) { r.WantTurnAfter(early); r.WantTurnAfter(late) },
		"the late one first":  func(r *netpoll.Reactor) { r.WantTurnAfter(late); r.WantTurnAfter(early) },
		"the early one twice": func(r *netpoll.Reactor) { r.WantTurnAfter(early); r.WantTurnAfter(early) },
	} {
		advance, turns := turnsAt(t, ask)
		advance(time.Millisecond)
		if want := []time.Duration{0, early}; !slices.Equal((*turns)[:2], want) || slices.Contains(*turns, late) {
			t.Errorf("%s: turns came after %v, want %v", name, *turns, want)
		}
	}
}

// TestATurnMayBeWantedAgain in the turn that was wanted, and in one that came later than the moment.
func TestATurnMayBeWantedAgain(t *testing.T) {
	const d = 100 * time.Microsecond
	left := 3
	var ask func(*netpoll.Reactor)
	w, h := newWorld(t, nil)
	start, turns := w.Now(), []time.Duration(nil)
	ask = func(r *netpoll.Reactor) {
		if left--; left >= 0 {
			r.WantTurnAfter(d)
		}
	}
	h[0].onWork = func() { turns = append(turns, w.Now().Sub(start)); ask(h[0].reactor) }
	w.Group.PostAll(netpoll.Post{}, nil)
	w.Settle()
	w.Advance(d)
	w.Pass(d + 1) // the process gets no processor at its moment
	w.Settle()
	w.Advance(time.Millisecond)
	turns = turns[:len(turns)-1] // the ticker's, at the end
	if want := []time.Duration{0, d, 2*d + 1, 3*d + 1}; !slices.Equal(turns, want) {
		t.Errorf("turns came after %v, want %v", turns, want)
	}
}
