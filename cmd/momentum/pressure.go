package main

import (
	"errors"
	"io/fs"
	"math"
	"runtime/debug"
	"runtime/metrics"
)

// Shares, in percent, of what memory there is from which new connections are better off elsewhere.
const (
	// fullHeap is of GOMEMLIMIT, and counts what is live only: the collector lets garbage fill the rest at any time,
	// and above this share it works more than the server does.
	fullHeap = 85

	// fullGroup is of a control group's limit, which counts the kernel's socket buffers too. Beyond it the kernel kills.
	fullGroup = 92
)

// pressure knows how much of it this process may take.
type pressure struct {
	groups []memoryGroup
	limit  func() int64
	live   func() int64
}

// newPressure looks for limits in the file system that host is.
func newPressure(host fs.FS) *pressure {
	return &pressure{groups: memoryGroups(host), limit: func() int64 { return debug.SetMemoryLimit(-1) }, live: liveHeap}
}

// err says that there is little memory left, or nil.
func (m *pressure) err() error {
	if limit := m.limit(); limit < math.MaxInt64 && beyond(m.live(), limit, fullHeap) {
		return errors.New("the live heap nears GOMEMLIMIT")
	}
	for _, g := range m.groups {
		if used, ok := g.used(); ok && beyond(used, g.limit, fullGroup) {
			return errors.New("the cgroup nears its memory limit")
		}
	}
	return nil
}

// beyond says whether used is at or above a share of all, in percent.
func beyond(used, all int64, share int64) bool {
	return float64(used)*100 >= float64(all)*float64(share)
}

// liveHeap is what the last collection found in use.
func liveHeap() int64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return int64(sample[0].Value.Uint64())
}
