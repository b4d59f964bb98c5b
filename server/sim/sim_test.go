package sim

import (
	"flag"
	"fmt"
	"testing"
	"time"
)

var (
	oneSeed = flag.Uint64("seed", 0, "simulate this seed alone, to see a failure again")
	fresh   = flag.Int("fresh", 2, "how many seeds to simulate that nobody has tried")
)

// fixedSeeds is how many seeds every run of the tests simulates, from 1.
const fixedSeeds = 8

// TestSimulation runs whole nodes in simulated worlds that follow from a seed.
func TestSimulation(t *testing.T) {
	if *oneSeed != 0 {
		simulate(t, *oneSeed)
		return
	}
	for seed := uint64(1); seed <= fixedSeeds; seed++ {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			simulate(t, seed)
		})
	}
	base := uint64(time.Now().UnixNano())
	for i := range uint64(*fresh) {
		t.Run(fmt.Sprint("fresh seed ", base+i), func(t *testing.T) {
			t.Parallel()
			simulate(t, base+i)
		})
	}
}

// TestSameSeedSameRun holds the condition of replays.
func TestSameSeedSameRun(t *testing.T) {
	for seed := uint64(101); seed <= 104; seed++ {
		traces := [2]uint64{}
		for i := range traces {
			w := newWorld(t, seed)
			w.sc.span = min(w.sc.span, shorter*90*time.Second)
			w.live()
			traces[i] = w.trace
		}
		if traces[0] != traces[1] {
			t.Errorf("seed %d: two runs went differently", seed)
		}
	}
}

// rests is how often a world is brought to rest and compared with the model.
const rests = 4

func simulate(t *testing.T, seed uint64) {
	w := newWorld(t, seed)
	began := time.Now()
	w.live()
	t.Log(&w.tally)
	t.Logf("%s: %d connections, %d messages, %d deliveries, %d steps in %v; refused %v, closed %v",
		&w.sc, w.dialled, w.messages, w.model.received, w.steps, time.Since(began).Round(time.Millisecond), w.server.Stats().Refused, w.server.Stats().Closed)
}

// live is a world from its beginning to its end.
func (w *world) live() {
	start := w.net.Now()
	span := w.sc.span / shorter
	for i := range rests {
		for w.net.Now().Before(start.Add(span * time.Duration(i+1) / rests)) {
			w.step()
		}
		w.rest()
	}
	w.end()
}

// TestNothingIsTornAfterAStall holds that bytes which came during a stall are not torn in the next step, if a step
// ends before all has been read: a pong of six bytes, say, which the node could not have seen.
func TestNothingIsTornAfterAStall(t *testing.T) {
	w := newWorld(t, 1)
	w.sc.torn, w.sc.out = 100, 0
	w.sc.stall, w.sc.busy = 10000, 100
	for w.step(); w.settled; w.step() { // until a stall leaves something unread
	}
	w.sc.stall, w.sc.busy = 0, 0
	if w.step(); w.net.Torn != 0 {
		t.Errorf("after a stall, %d in 100 reads are torn", w.net.Torn)
	}
	if w.step(); w.net.Torn != w.sc.torn {
		t.Errorf("when all has been read, %d in 100 reads are torn", w.net.Torn)
	}
}
