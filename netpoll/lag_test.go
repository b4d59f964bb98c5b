package netpoll

import (
	"slices"
	"testing"
	"time"
)

func TestLagIsFromTheFirstTickToTheTurn(t *testing.T) {
	type turn struct {
		reactor int
		late    time.Duration
	}
	var turns []turn
	g, advance := idleGroup(t, 3, func(o *Options) {
		o.OnLag = func(reactor int, late time.Duration) { turns = append(turns, turn{reactor, late}) }
	})
	r := g.reactors[1]
	r.Wake()
	r.Turn()
	if len(turns) != 0 {
		t.Errorf("a turn that no tick asked for is late: %v", turns)
	}
	r.Due()
	advance(40 * time.Second)
	r.Due() // again without a turn
	g.reactors[2].Due()
	advance(time.Second)
	if stuck := g.Stuck(); stuck != 41*time.Second {
		t.Errorf("stuck for %v, want 41 s, the longest", stuck)
	}
	r.Turn()
	r.Turn()
	if want := []turn{{1, 41 * time.Second}}; !slices.Equal(turns, want) {
		t.Errorf("late: %v, want %v", turns, want)
	}
	g.reactors[2].Turn()
	if stuck := g.Stuck(); stuck != 0 {
		t.Errorf("stuck for %v after a turn of each", stuck)
	}
}
