package server

import (
	"sync/atomic"

	"momentum/server/cluster"
)

// relayFigures are the relay's counters for faults of the bus (see ClusterFigures).
type relayFigures struct {
	local     atomic.Uint64
	gaps      atomic.Uint64
	positions atomic.Uint64
	unheld    atomic.Uint64
}

// ClusterFigures is the part of Stats about the other nodes.
type ClusterFigures struct {
	State     string `json:"state"`             // of the bus: starting, healthy, slow, held or local
	Local     uint64 `json:"delivered_locally"` // messages that only this node's clients got, because the bus was away
	Gaps      uint64 `json:"gaps_told"`         // losses, each told to all clients of a reactor that it concerns, or to one
	Positions uint64 `json:"positions_told"`    // new positions, each told to one client
	Unheld    uint64 `json:"held_dropped"`      // messages that found no room to wait for a join, and were read from the bus again
}

// read returns the counts.
func (f *relayFigures) read(s cluster.State) *ClusterFigures {
	return &ClusterFigures{
		State: s.String(),
		Local: f.local.Load(), Gaps: f.gaps.Load(), Positions: f.positions.Load(), Unheld: f.unheld.Load(),
	}
}
