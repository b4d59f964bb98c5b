package server

import (
	"slices"
	"sync/atomic"

	"momentum/server/cluster"
	"momentum/server/history"
)

// maxEpochRuns limits the changes of epochs that are remembered. If the numbers of a channel are older than all of them, its epoch is not
// known.
const maxEpochRuns = 1024

// epochTable numbers the epochs of the bus from 1 on, so that a channel remembers its epoch in 31 bits. Each time the bus is connected
// again, a round begins, in which the epochs of all partitions get new numbers. A channel with an older number has to be joined again; its
// messages stay valid if the older number names the same epoch.
//
// Consecutive rounds with the same epochs are stored as one run, so connecting again and again takes no memory.
type epochTable struct {
	numbers map[cluster.Epoch]uint32        // of this round
	runs    atomic.Pointer[[]epochRun]      // the newest last; any goroutine may read them
	present atomic.Pointer[[]cluster.Epoch] // by partition; any goroutine may read it
}

// epochRun is consecutive rounds with the same epochs of the partitions.
type epochRun struct {
	from, end uint32 // its numbers
	epochs    []cluster.Epoch
}

func (t *epochTable) begin() {
	t.runs.Store(&[]epochRun{{from: 1, end: 1}})
	t.present.Store(new([]cluster.Epoch))
}

// round begins a round, in which these are the epochs of the partitions, and returns its lowest number. The caller holds the lock of the
// relay.
func (t *epochTable) round(present []cluster.Epoch) (first uint32) {
	runs := slices.Clone(*t.runs.Load())
	last := &runs[len(runs)-1]
	first = last.end
	if slices.Equal(last.epochs, present) {
		last.end += uint32(len(present))
	} else {
		runs = append(runs, epochRun{first, first + uint32(len(present)), present})
		runs = runs[max(0, len(runs)-maxEpochRuns):]
	}
	t.numbers = make(map[cluster.Epoch]uint32, len(present))
	for partition, e := range present {
		t.numbers[e] = first + uint32(partition)
	}
	t.runs.Store(&runs)
	t.present.Store(&present)
	return first
}

// at returns the present epoch of a partition; 0 before the bus was reached.
func (t *epochTable) at(partition int) cluster.Epoch {
	if present := *t.present.Load(); partition < len(present) {
		return present[partition]
	}
	return 0
}

// number returns the number of an epoch in this round; 0 if it is not a present one. The caller holds the lock of the relay.
func (t *epochTable) number(e cluster.Epoch) uint32 { return t.numbers[e] }

// epoch returns the epoch with a number; 0 if it is not known.
func (t *epochTable) epoch(n uint32) cluster.Epoch {
	for _, run := range slices.Backward(*t.runs.Load()) {
		if n >= run.from && n < run.end {
			return run.epochs[int(n-run.from)%len(run.epochs)]
		}
	}
	return 0
}

// of returns the epoch of a channel's numbers; 0 if they are not known.
func (t *epochTable) of(m history.Membership) cluster.Epoch { return t.epoch(m.Epoch()) }

// knowsBroadcast reports whether the numbers of the broadcast are in the present epoch.
func knowsBroadcast(r *relay) bool {
	b := r.broadcast
	b.mu.Lock()
	defer b.mu.Unlock()
	return r.epochs.of(b.in) == r.epochOf(cluster.Channel{})
}
