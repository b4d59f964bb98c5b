package main

import (
	"context"
	"io/fs"
	"math"
	"time"

	"momentum/server/host"
)

// lookInterval is the time between two looks at the host's limits. A scrape by Prometheus is no more often, and the highest level of the
// looks before it is kept.
const lookInterval = 5 * time.Second

// newHostWatch makes the watch of the limits that a node has on its host.
func newHostWatch(files fs.FS, port, descriptors int, memory *pressure) *host.Watch {
	return host.New(host.Options{
		Host: files, Port: port, Descriptors: int64(descriptors), Queue: host.Listeners, Group: memory.group, Heap: memory.heap,
	})
}

// watchHost looks at intervals until the context ends.
func watchHost(ctx context.Context, w *host.Watch) {
	tick := time.NewTicker(lookInterval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			w.Look()
		case <-ctx.Done():
			return
		}
	}
}

// heap returns the live heap and GOMEMLIMIT, 0 if it is not set.
func (m *pressure) heap() (used, limit int64) {
	if limit = m.limit(); limit == math.MaxInt64 {
		limit = 0
	}
	return m.live(), limit
}

// noLimit is a number from which a limit on memory is none: version 1 of control groups writes the highest page.
const noLimit = 1 << 60

// group returns the memory and the limit of the control group that is nearest its limit; 0 if none has a limit.
func (m *pressure) group() (used, limit int64) {
	for _, g := range m.groups {
		if g.Limit >= noLimit {
			continue
		}
		if n, ok := g.Used(); ok && float64(n)*float64(limit) >= float64(used)*float64(g.Limit) {
			used, limit = n, g.Limit
		}
	}
	return used, limit
}
