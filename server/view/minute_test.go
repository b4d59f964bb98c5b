package view

import (
	"slices"
	"testing"

	"momentum/server/reason"
)

func TestClosesAreThoseOfTheLastMinute(t *testing.T) {
	var m minute
	if all := m.closes(); all == nil || len(all) != 0 {
		t.Errorf("%v before any", all)
	}
	m.add(&[reason.Count]uint64{reason.ClosedSlow: 2, reason.ClosedGone: 5, reason.ClosedRate: 1, reason.ClosedByPeer: 9})
	want := []Close{{"peer_closed", 0, 9, true}, {"gone", 1006, 5, true}, {"slow", 1013, 2, true}, {"rate", 1008, 1, false}}
	if all := m.closes(); !slices.Equal(all, want) {
		t.Errorf("%v, want %v", all, want)
	}
	for range minuteSteps - 1 {
		m.add(new([reason.Count]uint64))
	}
	if len(m.closes()) != len(want) {
		t.Error("they are forgotten before a minute has passed")
	}
	m.add(&[reason.Count]uint64{reason.ClosedDrain: 3})
	if all := m.closes(); !slices.Equal(all, []Close{{"drain", 1012, 3, true}}) {
		t.Errorf("after a minute: %v", all)
	}
}
