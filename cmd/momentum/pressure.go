package main

import (
	"errors"
	"io/fs"
	"math"
	"runtime/debug"
	"runtime/metrics"

	"momentum/server/host"
)

// Shares of the available memory, in percent, from which new connections should go to other nodes.
const (
	// fullHeap is a share of GOMEMLIMIT, and counts only live memory: the collector lets garbage fill the rest at any
	// time, and above this share it works more than the server does.
	fullHeap = 85

	// fullGroup is a share of a control group's limit, which counts the kernel's socket buffers too. Above the limit
	// the kernel kills the process.
	fullGroup = 92
)

// pressure compares the memory in use with the memory that this process may take.
type pressure struct {
	groups []host.Group
	limit  func() int64
	live   func() int64
}

// newPressure looks for limits in the host's file system.
func newPressure(files fs.FS) *pressure {
	return &pressure{groups: host.Groups(files, "self"), limit: func() int64 { return debug.SetMemoryLimit(-1) }, live: liveHeap}
}

// err returns an error if little memory is left, or nil.
func (m *pressure) err() error {
	if limit := m.limit(); limit < math.MaxInt64 && beyond(m.live(), limit, fullHeap) {
		return errors.New("the live heap nears GOMEMLIMIT")
	}
	for _, g := range m.groups {
		if used, ok := g.Used(); ok && beyond(used, g.Limit, fullGroup) {
			return errors.New("the cgroup nears its memory limit")
		}
	}
	return nil
}

// beyond reports whether used is at or above a share of all, in percent.
func beyond(used, all int64, share int64) bool {
	return float64(used)*100 >= float64(all)*float64(share)
}

// liveHeap returns the memory that the last collection found live.
func liveHeap() int64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return int64(sample[0].Value.Uint64())
}
