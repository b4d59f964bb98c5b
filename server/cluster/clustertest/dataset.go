package clustertest

import (
	"slices"

	"momentum/server/cluster"
)

// Lose takes the last n messages of all channels back, and n moves, as a replica does that had not got them, and begins a new epoch. All
// nodes are connected again.
func (e *Engine) Lose(n int) {
	e.TakeBack(n)
	e.reconnect()
}

// TakeBack is Lose without the nodes: they have to be cut off already.
func (e *Engine) TakeBack(n int) {
	for name, c := range e.channels {
		n := min(n, len(c.kept))
		last := c.seq - uint64(n)
		c.kept = c.kept[:len(c.kept)-n]
		c.seq = last
		e.drop(func(to cluster.Channel, seq uint64) bool { return to == name && seq > last })
	}
	e.loseMoves(n)
	e.epoch++
}

// Flush empties the data, and begins a new epoch. The nodes have to be cut off already.
func (e *Engine) Flush() {
	clear(e.channels)
	e.notices, e.moves = nil, nil
	e.mu.Lock()
	clear(e.residents)
	e.mu.Unlock()
	e.drop(func(cluster.Channel, uint64) bool { return true })
	e.epoch++
}

// Restart begins a new epoch without a loss. The nodes have to be cut off already.
func (e *Engine) Restart() { e.epoch++ }

// NewEpoch begins a new epoch without a loss. All nodes are connected again.
func (e *Engine) NewEpoch() {
	e.epoch++
	e.reconnect()
}

// Epoch returns the present epoch.
func (e *Engine) Epoch() cluster.Epoch { return e.epoch }

func (e *Engine) reconnect() {
	for _, b := range e.buses {
		if !b.ended {
			b.Cut()
			b.Heal()
		}
	}
}

// Forget forgets a channel, as an engine does that evicts. Its next numbers are higher than all that it has given.
func (e *Engine) Forget(c cluster.Channel) {
	delete(e.channels, c)
	e.created++
}

// drop forgets messages that are lost, with their receipts and records.
func (e *Engine) drop(lost func(to cluster.Channel, seq uint64) bool) {
	e.Log = slices.DeleteFunc(e.Log, func(d cluster.Delivery) bool {
		gone := lost(d.Channel, d.Seq)
		if gone && e.Lost != nil {
			e.Lost(d)
		}
		return gone
	})
	for key, o := range e.once {
		if lost(key.to, o.Seq) {
			delete(e.once, key)
		}
	}
	for _, b := range e.buses {
		for n, o := range b.records {
			if lost(o.to, o.Seq) {
				delete(b.records, n)
			}
		}
	}
}
