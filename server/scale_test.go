package server

import (
	"io"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"momentum/server/heavy"
	"momentum/server/reason"
	"momentum/server/storm"
)

const (
	scaleSessions = 1_000_000 // sessions that the benchmarks of scale put on one reactor
	scaleCloses   = 200_000   // further ones, which BenchmarkScaleCloses closes
	closesTimed   = 50        // of them between two readings of the clock
)

// scaleWorld is one node for all these benchmarks: it takes a minute to fill.
var scaleWorld = sync.OnceValue(func() *world {
	w := newWorld(&testing.B{}, 1, func(o *Options) {
		o.Reactors, o.NewID, o.MaxSockets, o.MaxConnections = 1, newIDs(), 1<<24, 1<<24
		o.ConnectionTimeout, o.HeartbeatInterval = 24*time.Hour, 24*time.Hour
	})
	for i := range scaleSessions + scaleCloses {
		w.net.Dial().Send(upgradeRequest(w.token(strconv.Itoa(i))))
		if i%256 == 255 {
			w.net.Settle()
		}
	}
	w.net.Settle()
	return w
})

// threadTime is the processor time that this thread has taken. Other threads do not count, but interrupts do, and on a virtual
// machine the time that the host takes away: of 8,000 rounds of a loop that only multiplies, 0.5 ms each, some take 3 to 6 ms.
func threadTime() time.Duration {
	var t unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t)
	return time.Duration(t.Nano())
}

// BenchmarkScaleBooks reports what the books of a reactor with a million sessions cost. An operation is one sample of the
// storm, one write weighed for the heaviest connections, or the reactor's part of a question for these.
func BenchmarkScaleBooks(b *testing.B) {
	w := scaleWorld()
	sh := w.shards()[0]
	all := slices.Collect(sh.sessions.live())
	b.Run("storm", func(b *testing.B) {
		elapsed := w.server.elapsed(w.net.Now())
		for range b.N {
			elapsed += storm.Step
			w.server.storms.tick(elapsed, len(all))
		}
	})
	b.Run("weigh", func(b *testing.B) {
		for i := range b.N {
			s := all[i%len(all)]
			s.traffic.sent += 128
			s.weigh(128)
		}
	})
	b.Run("slot", func(b *testing.B) {
		for i := range b.N {
			sh.heavy.Begin(slotAt(sh.reactor.Tick()) + uint32(i))
		}
	})
	b.Run("heaviest", func(b *testing.B) {
		for b.Loop() {
			sh.heavy.Heaviest(heavy.Out, heavy.Slots(60), heavy.Listed)
		}
	})
}

// BenchmarkScaleCloses reports what the ledger of ends adds to a close: at most 100 ns. Sessions in no order, so that none is in the
// cache, are closed with the ledger and without, by turns. All else that a close does is the same, and touches the session, the
// connection and the user in any case.
func BenchmarkScaleCloses(b *testing.B) {
	w := scaleWorld()
	sh := w.shards()[0]
	all := slices.Collect(sh.sessions.live())
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	var with, without, more []float64
	b.Run("ledger", func(b *testing.B) {
		if with == nil { // once is enough, however large b.N is
			with, without, more = timeCloses(sh, all[:scaleCloses])
		}
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(with[len(with)/2], "ns/close")
		b.ReportMetric(without[len(without)/2], "ns/close-without")
		b.ReportMetric(more[len(more)/2], "ns/ledger")
	})
}

// timeCloses closes sessions, some with the ledger and as many without it, by turns. It returns the times of a close in nanoseconds,
// the shortest first: with, without, and how much longer each turn with it took than the one without it.
func timeCloses(sh *shard, all []*session) (with, without, more []float64) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	turn := func(end func(*session)) float64 {
		began := threadTime()
		for _, s := range all[:closesTimed] {
			end(s)
			s.state = stateClosed
			sh.reactor.Lost(s.conn, io.EOF)
		}
		all = all[closesTimed:]
		return float64(threadTime()-began) / closesTimed
	}
	record := func(s *session) { sh.ending.leave(s, reason.ClosedGone, reason.ClosedGone.Code()) }
	remove := func(s *session) { sh.ending.remove(s) }
	for len(all) >= 4*closesTimed {
		a, b, c, d := turn(record), turn(remove), turn(remove), turn(record)
		with, without = append(with, a, d), append(without, b, c)
		more = append(more, (a+d-b-c)/2)
	}
	slices.Sort(with)
	slices.Sort(without)
	slices.Sort(more)
	return with, without, more
}

// BenchmarkScaleTurns reports the longest turn, in milliseconds of processor time, that each thing causes which concerns all
// sessions of a reactor. None may take longer than 5 ms. What can be repeated is repeated, and the least time of each turn
// counts, since what disturbs one round does not disturb the same turn of all. For the sweep that closes all sessions, the turn
// that only one in a thousand exceeds says the same.
func BenchmarkScaleTurns(b *testing.B) {
	w := scaleWorld()
	sh := w.shards()[0]
	for _, scale := range []struct {
		name   string
		rounds int
		begin  func()
	}{
		{"sweep that finds nothing", 5, func() { w.server.startSweep(0) }},
		{"revocation of a token", 1, func() { w.server.evict(target{token: 12345, why: reason.ClosedRevoked}) }},
		{"consistency", 5, func() { w.server.startAudit() }},
		{"relief", 5, func() {
			sh.relief.reliefPasses = firstPass
			sh.memory.limit = 1 << 30
			sh.reactor.Wake()
		}},
		{"sweep after a lowered timeout", 1, func() {
			rules := *w.server.rules.Load()
			rules.ConnectionTimeout = time.Second
			w.net.Stop(5 * time.Second)
			w.net.Settle()
			sh.follow(&rules)
			w.server.startSweep(0)
		}},
	} {
		var turns []time.Duration
		b.Run(scale.name, func(b *testing.B) {
			if turns == nil { // once is enough, however large b.N is
				turns = timeTurns(w, scale.rounds, scale.begin)
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(turns[len(turns)-1].Seconds()*1000, "ms/longest-turn")
			b.ReportMetric(turns[len(turns)*999/1000].Seconds()*1000, "ms/p99.9-turn")
			b.ReportMetric(turns[len(turns)/2].Seconds()*1000, "ms/median-turn")
			b.ReportMetric(float64(len(turns)), "turns")
		})
	}
}

// timeTurns begins something in each round and returns the least time of each of its turns, the shortest first. The garbage of
// the simulated sockets is not collected meanwhile: a reactor that allocates nothing does not help to collect it.
func timeTurns(w *world, rounds int, begin func()) (turns []time.Duration) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	for round := range rounds {
		begin()
		began := threadTime()
		for i := 0; w.net.Step(); i++ {
			took := threadTime() - began
			switch {
			case round == 0:
				turns = append(turns, took)
			case i < len(turns):
				turns[i] = min(turns[i], took)
			}
			began = threadTime()
		}
	}
	slices.Sort(turns)
	return turns
}
