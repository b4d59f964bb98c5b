package main

import (
	"io/fs"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// Go looks for garbage whenever there is as much of it as of what lives, which on the small heap of a node that fills up
// is several times in a storm. So there may be some more of it for that while, and when it is over it is looked for at
// once, and its memory goes back to the host (docs/PERFORMANCE.md has what that comes to).
const (
	// slackBytes is how much garbage there may be at a small heap. It is a bound and no share, so that a node which
	// holds much goes by Go's own rule.
	slackBytes = 32 << 20

	// slackShare is the part of the memory there is that it may be at the most, one in so many.
	slackShare = 16

	// firstBytes is the heap below which Go with 100 % does not look at all.
	firstBytes = 4 << 20

	// calmBytes is what a calm node allocates between two looks at the most: some hundred handshakes' worth.
	calmBytes = 256 << 10

	// worthBytes is how much must have been allocated since the last time to be worth looking for.
	worthBytes = 4 << 20

	garbageInterval = 500 * time.Millisecond
)

// garbage decides when it is looked for.
type garbage struct {
	slack     uint64
	percent   int
	allocated uint64 // bytes since the start, as of the last look
	looked    uint64 // the same, as of the last time that all was looked for
}

// newGarbage returns nil if the environment says what is to be done, or there is too little memory to waste any.
func newGarbage(host fs.FS) *garbage {
	slack := uint64(slackBytes)
	if most := memoryThere(host) / slackShare; most < slackBytes {
		slack = uint64(most)
	}
	if os.Getenv("GOGC") != "" || slack <= firstBytes {
		return nil
	}
	return &garbage{slack: slack, percent: 100}
}

// look says what share of the heap that lives garbage may come to, and whether now is the time to look for all of it.
func (g *garbage) look(live, allocated uint64) (percent int, now bool) {
	percent = int(min(100*g.slack/max(1, live), 100*g.slack/firstBytes))
	calm := allocated-g.allocated < calmBytes
	g.allocated = allocated
	if now = calm && allocated-g.looked >= max(worthBytes, live/4); now {
		g.looked = allocated
	}
	return max(100, percent), now
}

// follow acts on it until told to stop.
func (g *garbage) follow(stop <-chan struct{}) {
	tick := time.NewTicker(garbageInterval)
	defer tick.Stop()
	for {
		percent, now := g.look(heap())
		if percent != g.percent {
			g.percent = percent
			debug.SetGCPercent(percent)
		}
		if now {
			debug.FreeOSMemory()
		}
		select {
		case <-stop:
			return
		case <-tick.C:
		}
	}
}

// heap returns the bytes that the last collection found in use, and all that were allocated since the start.
func heap() (live, allocated uint64) {
	samples := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64(), samples[1].Value.Uint64()
}
