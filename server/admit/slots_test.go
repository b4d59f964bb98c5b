package admit

import (
	"sync"
	"sync/atomic"
	"testing"
)

func TestSlotsAreNeverOverbooked(t *testing.T) {
	const limit = 7
	var s Slots
	s.SetLimit(limit)
	var held, most atomic.Int64
	var racing sync.WaitGroup
	for range 16 {
		racing.Go(func() {
			for range 1000 {
				if s.Take() {
					most.Store(max(most.Load(), held.Add(1)))
					held.Add(-1)
					s.Give()
				}
			}
		})
	}
	racing.Wait()
	if most.Load() > limit || s.Taken() != 0 || s.Full() {
		t.Errorf("%d held at once, %d taken at the end, full %v", most.Load(), s.Taken(), s.Full())
	}
}

func TestALoweredLimitTakesNothingAway(t *testing.T) {
	var s Slots
	s.SetLimit(2)
	first, second, third := s.Take(), s.Take(), s.Take()
	if !first || !second || third || !s.Full() {
		t.Errorf("of two slots: %v, %v, %v; full %v", first, second, third, s.Full())
	}
	s.SetLimit(1)
	s.Give()
	if s.Take() || s.Taken() != 1 {
		t.Errorf("%d taken of one", s.Taken())
	}
}
