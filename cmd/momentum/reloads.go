package main

import (
	"sync/atomic"

	"momentum/server/metrics"
)

// reloads counts the reloads of the settings. The goroutine of signals counts, and a scrape reads.
type reloads struct {
	taken, refused atomic.Uint64
	failed         atomic.Bool // the last one was refused
}

// count counts a reload that was taken or refused.
func (r *reloads) count(taken bool) {
	r.failed.Store(!taken)
	if taken {
		r.taken.Add(1)
	} else {
		r.refused.Add(1)
	}
}

// figures returns the counters, for /metrics.
func (r *reloads) figures() metrics.Reloads {
	return metrics.Reloads{Taken: r.taken.Load(), Refused: r.refused.Load(), Failed: r.failed.Load()}
}
