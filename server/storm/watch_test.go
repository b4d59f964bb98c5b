package storm

import (
	"testing"
	"time"

	"momentum/server/reason"
)

// story feeds a watch one step after the other.
type story struct {
	Watch
	now     Sample
	changes []State
}

// step has clients come in a second: some are admitted, some are refused as busy, and some connections end.
func (s *story) step(admitted, busy, ended int) {
	s.now.At += Step
	s.now.Admitted += uint64(admitted)
	s.now.Refused[reason.RefusedBusy] += uint64(busy)
	s.now.Live += admitted - ended
	if c, changed := s.Next(s.now); changed {
		s.changes = append(s.changes, c.To)
	}
}

// calm is a node with a fleet that came long ago.
func calm(t *testing.T, live int) *story {
	t.Helper()
	s := &story{}
	s.now.Live = live
	for range memorySteps {
		s.step(0, 0, 0)
	}
	if s.state != Calm {
		t.Fatalf("a quiet node is %s", s.state)
	}
	return s
}

func (s *story) expect(t *testing.T, when string, want State) {
	t.Helper()
	if s.state != want {
		t.Errorf("%s: %s, want %s", when, s.state, want)
	}
}

func TestAStormBeginsPeaksAndEnds(t *testing.T) {
	s := calm(t, 15_000)
	s.step(0, 0, 12_000) // a switch fails
	s.expect(t, "when the connections end", Calm)
	s.step(1000, 8000, 0)
	s.expect(t, "when the clients come back", Storm)
	if s.Missing() != 15_000-4000 {
		t.Errorf("%d are missing, want 11000", s.Missing())
	}
	for range 11 {
		s.step(1000, 50, 0)
	}
	s.expect(t, "while clients are refused", Storm)
	for range ebbSteps {
		s.step(0, 0, 0)
	}
	s.expect(t, "after the peak", Recovering)
	for range calmSteps {
		s.step(0, 0, 0)
	}
	s.expect(t, "when all are back", Calm)
	if len(s.changes) != 3 {
		t.Errorf("the changes are %v", s.changes)
	}
}

func TestOrdinaryArrivalsAreNoStorm(t *testing.T) {
	for live, arrivals := range map[int]int{0: leastArrivals - 1, 10_000: 199, 1_000_000: 19_999} {
		s := calm(t, live)
		for range 60 {
			s.step(arrivals, 0, arrivals)
		}
		if len(s.changes) != 0 {
			t.Errorf("%d arrivals a second at %d connections: %v", arrivals, live, s.changes)
		}
		s.step(2*arrivals+2, 0, 0)
		s.expect(t, "twice as many", Storm)
	}
}

// TestThePauseBetweenTwoWavesEndsNoStorm: the state changes seldom, whatever the waves are.
func TestThePauseBetweenTwoWavesEndsNoStorm(t *testing.T) {
	s := calm(t, 1000)
	for range 20 {
		s.step(300, 0, 0)
		s.step(0, 0, 300)
		s.step(60, 0, 0) // above half the limit
		s.step(0, 0, 60)
	}
	if len(s.changes) != 1 {
		t.Errorf("the changes are %v", s.changes)
	}
}

func TestARecoveryEndsThoughClientsStayAway(t *testing.T) {
	s := calm(t, 5000)
	s.step(500, 1000, 4000)
	for range longestRecovery + ebbSteps + calmSteps {
		s.step(1, 0, 1)
	}
	s.expect(t, "after a minute", Calm)
	if s.Missing() != 0 {
		t.Errorf("%d are missing", s.Missing())
	}
}

func TestFewRefusalsAreNoStorm(t *testing.T) {
	s := calm(t, 100)
	s.step(5, refusedBusy-1, 0)
	s.expect(t, "a few refusals", Calm)
	s.step(5, refusedBusy, 0)
	s.expect(t, "more refusals", Storm)
}

func TestChangeSaysHowLongTheStateLasted(t *testing.T) {
	s := calm(t, 0)
	s.now.At += Step
	s.now.Admitted += leastArrivals
	c, changed := s.Next(s.now)
	if want := (Change{Calm, Storm, (memorySteps + 1) * time.Second}); !changed || c != want {
		t.Errorf("%+v, want %+v", c, want)
	}
}

// TestRefusedClientsAreMissing: a node that has just been started knows its fleet only by the clients that it has refused.
func TestRefusedClientsAreMissing(t *testing.T) {
	var s story
	s.step(100, 500, 0)
	if s.expect(t, "after a restart", Storm); s.Missing() != 400 {
		t.Errorf("%d are missing, want 400", s.Missing())
	}
	s.step(300, 0, 0)
	if s.Missing() != 100 {
		t.Errorf("%d are missing, want 100", s.Missing())
	}
}
