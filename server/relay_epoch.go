package server

import (
	"sync/atomic"

	"momentum/server/cluster"
	"momentum/server/history"
)

// epochTable numbers the epochs of the bus from 1 on, so that a channel remembers its epoch in 31 bits. Each time the bus is connected
// again, a round begins, in which all epochs get new numbers: a channel with an older number has to be joined again, and if the epoch
// of that number is still the present one, its messages are still valid.
type epochTable struct {
	numbers map[cluster.Epoch]uint32        // of this round
	list    atomic.Pointer[[]cluster.Epoch] // by their numbers, of all rounds; any goroutine may read it
	present atomic.Pointer[[]cluster.Epoch] // by partition; any goroutine may read it
}

func (t *epochTable) begin() {
	t.list.Store(&[]cluster.Epoch{0})
	t.round(nil)
}

// round begins a round, in which these are the epochs of the partitions.
func (t *epochTable) round(present []cluster.Epoch) {
	t.numbers = map[cluster.Epoch]uint32{0: 0}
	t.present.Store(&present)
}

// at returns the present epoch of a partition; 0 before the bus was reached.
func (t *epochTable) at(partition int) cluster.Epoch {
	if present := *t.present.Load(); partition < len(present) {
		return present[partition]
	}
	return 0
}

// number returns the number of an epoch in this round; 0 for none. The caller holds the lock of the relay.
func (t *epochTable) number(e cluster.Epoch) uint32 {
	n, ok := t.numbers[e]
	if !ok {
		list := append(append([]cluster.Epoch(nil), *t.list.Load()...), e)
		n = uint32(len(list) - 1)
		t.numbers[e] = n
		t.list.Store(&list)
	}
	return n
}

// epoch returns the epoch with a number.
func (t *epochTable) epoch(n uint32) cluster.Epoch { return (*t.list.Load())[n] }

// of returns the epoch of a channel's numbers; 0 if they are not known.
func (t *epochTable) of(m history.Membership) cluster.Epoch { return t.epoch(m.Epoch()) }
