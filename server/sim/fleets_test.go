package sim

import (
	"flag"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"momentum/server/cluster/clustertest"
)

// everything has a fleet write down all its events, to look for the cause of a failure.
var everything = flag.Bool("events", false, "print all events of a fleet")

// fixedFleets is how many fleets every run of the tests simulates, from seed 1.
const fixedFleets = 20

// TestFleets runs several nodes on one bus, in simulated worlds that follow from a seed.
func TestFleets(t *testing.T) {
	if *oneSeed != 0 {
		sail(t, *oneSeed)
		return
	}
	var worlds, lossless atomic.Int64
	sailAll := func(t *testing.T, seed uint64) {
		worlds.Add(1)
		if sail(t, seed) == 0 {
			lossless.Add(1)
		}
	}
	t.Cleanup(func() {
		if worlds.Load() >= fixedFleets && lossless.Load()*10 > worlds.Load() {
			t.Errorf("in %d of %d worlds no loss was told", lossless.Load(), worlds.Load())
		}
	})
	for seed := uint64(1); seed <= fixedFleets/shorter; seed++ {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			sailAll(t, seed)
		})
	}
	base := uint64(time.Now().UnixNano())
	for i := range uint64(*fresh) {
		t.Run(fmt.Sprint("fresh seed ", base+i), func(t *testing.T) {
			t.Parallel()
			sailAll(t, base+i)
		})
	}
}

// sail simulates a fleet, and returns how many losses were told. If the bus of a world is slow and no more, there may be none.
func sail(t *testing.T, seed uint64) (losses int) {
	f := newFleet(t, seed, clustertest.Mistakes{})
	began := time.Now()
	if found := f.simulate(); found != "" {
		t.Fatal(found)
	}
	kinds, faults := len(f.seen), 0
	for _, n := range f.seen {
		faults += n
	}
	if kinds < len(f.faults)*2/3 || faults < 30 {
		t.Errorf("of %d kinds of faults, %d have happened, %d times in all", len(f.faults), kinds, faults)
	}
	t.Logf("%s: %d messages, %d deliveries, %d losses told, %v in %v", f, f.spoken, f.received, f.losses, f.seen, time.Since(began).Round(time.Millisecond))
	return f.losses
}

// TestSameSeedSameFleet holds the condition of replays, and that no goroutine outlives a fleet.
func TestSameSeedSameFleet(t *testing.T) {
	before := runtime.NumGoroutine()
	for seed := uint64(101); seed <= 103; seed++ {
		traces := [2]uint64{}
		for i := range traces {
			f := newFleet(t, seed, clustertest.Mistakes{})
			if found := f.simulate(); found != "" {
				t.Fatal(found)
			}
			traces[i] = f.trace
		}
		if traces[0] != traces[1] {
			t.Errorf("seed %d: two runs went differently", seed)
		}
	}
	for end := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before && time.Now().Before(end); {
		runtime.Gosched() // the goroutine of the last fleet may be about to end
	}
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("%d goroutines, and %d before", after, before)
	}
}

// TestMistakesOfABusAreFound has the bus break its contract in one way after the other.
func TestMistakesOfABusAreFound(t *testing.T) {
	for _, tt := range []struct {
		name string
		clustertest.Mistakes
	}{
		{"a stale epoch is accepted", clustertest.Mistakes{StaleEpoch: true}},
		{"a message is retried without a look at its record", clustertest.Mistakes{RetriesBlindly: true}},
		{"a join is answered before the node is subscribed", clustertest.Mistakes{JoinsEarly: true}},
		{"a message is acknowledged before it is kept", clustertest.Mistakes{AcksEarly: true}},
		{"the users of a node that has died stay", clustertest.Mistakes{SweepsNobody: true}},
		{"users that have left stay", clustertest.Mistakes{LosesDepartures: true}},
		{"bans are not kept for nodes that are connected later", clustertest.Mistakes{ForgetsNotices: true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for seed := uint64(1); seed <= fixedFleets; seed++ {
				if found := newFleet(t, seed, tt.Mistakes).simulate(); found != "" {
					_, about, _ := strings.Cut(found, "invariant ")
					t.Logf("seed %d finds it: invariant %s", seed, about)
					return
				}
			}
			t.Error("no fixed seed finds it")
		})
	}
}
