package server

import (
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"momentum/server/reason"
)

// scaleSessions is how many sessions the benchmarks of scale put on one reactor.
const scaleSessions = 1_000_000

// scaleWorld is one node for all these benchmarks: it takes a minute to fill.
var scaleWorld = sync.OnceValue(func() *world {
	w := newWorld(&testing.B{}, 1, func(o *Options) {
		o.Reactors, o.NewID, o.MaxSockets, o.MaxConnections = 1, newIDs(), 1<<24, 1<<24
		o.ConnectionTimeout, o.HeartbeatInterval = 24*time.Hour, 24*time.Hour
	})
	for i := range scaleSessions {
		w.net.Dial().Send(upgradeRequest(w.token(strconv.Itoa(i))))
		if i%256 == 255 {
			w.net.Settle()
		}
	}
	w.net.Settle()
	return w
})

// threadTime is the processor time of this thread, which other processes on the host do not change.
func threadTime() time.Duration {
	var t unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t)
	return time.Duration(t.Nano())
}

// BenchmarkScaleTurns reports the longest turn, in milliseconds of processor time, of each operation on all sessions of
// a reactor. None may take longer than 5 ms.
func BenchmarkScaleTurns(b *testing.B) {
	w := scaleWorld()
	sh := w.shards()[0]
	for _, scale := range []struct {
		name  string
		begin func()
	}{
		{"sweep that finds nothing", func() { w.server.startSweep(0) }},
		{"revocation of a token", func() { w.server.evict(target{token: 12345, why: reason.ClosedRevoked}) }},
		{"consistency", func() { w.server.startAudit() }},
		{"relief", func() {
			sh.relief.reliefPasses = firstPass
			sh.memory.limit = 1 << 30
			sh.reactor.Wake()
		}},
		{"sweep after a lowered timeout", func() {
			rules := *w.server.rules.Load()
			rules.ConnectionTimeout = time.Second
			w.net.Stop(5 * time.Second)
			w.net.Settle()
			sh.follow(&rules)
			w.server.startSweep(0)
		}},
	} {
		b.Run(scale.name, func(b *testing.B) {
			if b.N > 1 {
				b.Skip("once is enough")
			}
			scale.begin()
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			longest, turns := time.Duration(0), 0
			for began := threadTime(); w.net.Step() && turns < 2000; turns++ {
				longest, began = max(longest, threadTime()-began), threadTime()
			}
			b.ReportMetric(float64(longest.Microseconds())/1000, "ms/longest-turn")
			b.ReportMetric(float64(turns), "turns")
		})
	}
}
