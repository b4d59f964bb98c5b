package server

import (
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"momentum/protocol"
	"momentum/server/ends"
	"momentum/server/heavy"
	"momentum/server/reason"
	"momentum/server/storm"
)

const (
	scaleSessions = 1_000_000 // sessions that the benchmarks of scale put on one reactor
	scaleCloses   = 200_000   // further ones, which BenchmarkScaleCloses closes
	closesTimed   = 50        // of them between two readings of the clock
	booksTimed    = 500       // questions and other work of a book
	eventsAtOnce  = 128       // that gnet gets from the kernel, with our patch
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

// BenchmarkScaleBooks reports what the books of a reactor with a million sessions cost, when they are full: a sample of the storm and a
// reading for the view, which are made once a second; a question for the ends of a user; a question for the heaviest connections, and a
// new slot of these.
func BenchmarkScaleBooks(b *testing.B) {
	w := scaleWorld()
	sh, all, slot := w.shards()[0], inNoOrder(w), uint32(0)
	for _, s := range all[:2*ends.Kept] {
		sh.record(s, s.user.ID, reason.ClosedGone, 1006)
		sh.record(s, s.user.ID, reason.RefusedBusy, 503)
	}
	heavier := func() { // each than all before it, so that all get places
		for i, s := range all[:4096] {
			s.traffic.sent += uint64(i + 1)
			s.weigh(i + 1)
		}
	}
	for _, book := range []struct {
		name    string
		prepare func()
		work    func()
	}{
		{"storm", func() { w.net.Pass(storm.Step) }, func() { w.server.storms.tick(w.server.elapsed(w.net.Now()), len(all)) }},
		{"reading", func() {}, func() { readingOf(w.server, time.Second) }},
		{"ends", func() {}, func() { sh.ends.Find(&ends.Filter{User: userID("nobody")}, nil, nil) }},
		{"heaviest", heavier, func() { sh.heavy.Heaviest(heavy.Out, heavy.Slots(60), heavy.Listed) }},
		{"slot", heavier, func() { slot++; sh.heavy.Begin(slot) }},
	} {
		var took []float64
		b.Run(book.name, func(b *testing.B) {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			for len(took) < booksTimed { // once is enough, however large b.N is
				book.prepare()
				began := threadTime()
				book.work()
				took = append(took, float64(threadTime()-began))
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(median(took)/1000, "µs/each")
		})
	}
}

// BenchmarkScaleWeigh reports what the book of the heaviest connections adds to a write: at most a hundredth of a delivery of a broadcast. See
// BenchmarkWeigh.
func BenchmarkScaleWeigh(b *testing.B) {
	reportWeighs(b, inNoOrder(scaleWorld()))
}

// inNoOrder returns the sessions of a world, so that the next one is in no cache.
func inNoOrder(w *world) []*session {
	all := slices.Collect(w.shards()[0].sessions.live())
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// BenchmarkScaleCloses reports what the ledger of ends adds to a close: at most 100 ns. Sessions in no order, so that none is in the
// cache, are closed with the ledger and without, by turns. All else that a close does is the same, and touches the session, the
// connection and the user in any case.
func BenchmarkScaleCloses(b *testing.B) {
	w := scaleWorld()
	all := inNoOrder(w)
	var c comparison
	b.Run("ledger", func(b *testing.B) {
		if c.with == nil { // once is enough, however large b.N is
			c = timeCloses(w.shards()[0], all[:scaleCloses])
		}
		c.report(b, "close", "ledger")
	})
}

// timeCloses closes sessions, some with the ledger and as many without it.
func timeCloses(sh *shard, all []*session) comparison {
	turn := func(end func(*session)) func() {
		return func() {
			for _, s := range all[:closesTimed] {
				end(s)
				s.state = stateClosed
				sh.reactor.Lost(s.conn, io.EOF)
			}
			all = all[closesTimed:]
		}
	}
	record := func(s *session) { sh.ending.leave(s, reason.ClosedGone, reason.ClosedGone.Code()) }
	remove := func(s *session) { sh.ending.remove(s) }
	return compare(len(all)/(4*closesTimed), closesTimed, turn(record), turn(remove))
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
				turns = timeTurns(scale.rounds, func() *world { scale.begin(); return w })
				slices.Sort(turns)
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(turns[len(turns)-1].Seconds()*1000, "ms/longest-turn")
			b.ReportMetric(turns[len(turns)*999/1000].Seconds()*1000, "ms/p99.9-turn")
			b.ReportMetric(turns[len(turns)/2].Seconds()*1000, "ms/median-turn")
			b.ReportMetric(float64(len(turns)), "turns")
		})
	}
}

// BenchmarkScaleStorms reports the same of storms in which 15,000 members of ten topics each leave them, and of the longest round of
// the event loop: as many reads or ends as it gets from the kernel at once.
func BenchmarkScaleStorms(b *testing.B) {
	for _, storm := range storms {
		var steps []time.Duration
		b.Run(storm.name, func(b *testing.B) {
			if steps == nil {
				steps = timeTurns(3, func() *world {
					w := newStorm(b, 15_000)
					storm.begin(w)
					runtime.GC()
					return w
				})
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(slices.Max(steps).Seconds()*1000, "ms/longest-step")
			b.ReportMetric(float64(len(steps)), "steps")
			if storm.most == topicsOfEach { // each step is one read
				var longest time.Duration
				for round := range slices.Chunk(steps, eventsAtOnce) {
					sum := time.Duration(0)
					for _, took := range round {
						sum += took
					}
					longest = max(longest, sum)
				}
				b.ReportMetric(longest.Seconds()*1000, "ms/longest-round")
			}
		})
	}
}

// BenchmarkSubscribe is a subscription to a topic and its end, by one of 200 sessions that are in so many others each. 1,024 is the
// highest WS_MAX_TOPICS_PER_CONNECTION.
func BenchmarkSubscribe(b *testing.B) {
	for _, each := range []int{1, 16, 128, 1023} {
		b.Run(fmt.Sprintf("topics=%d", each), func(b *testing.B) {
			w := newWorld(b, 1, func(o *Options) { o.Reactors, o.NewID, o.MaxTopics = 1, newIDs(), 1024 })
			for i := range 200 {
				w.join(fmt.Sprint("user", i)).Forgets = true
			}
			all := inNoOrder(w)
			u := &w.shards()[0].subscriptions
			random := rand.New(rand.NewPCG(1, 1))
			for i := range each * len(all) { // so that those of a session do not lie together in memory
				s := all[i%len(all)]
				for u.fanout.TopicCount(s) == i/len(all) {
					u.subscribe(s, nil, []protocol.Subscription{{Topic: fmt.Sprintf("topic.%d", random.IntN(2000)), Valid: true}})
				}
				u.replies.flush(s)
			}
			one := []protocol.Subscription{{Topic: "another", Valid: true}}
			for i := 0; b.Loop(); i++ {
				s := all[i%len(all)]
				u.subscribe(s, nil, one)
				u.unsubscribe(s, nil, one)
				u.replies.flush(s)
			}
		})
	}
}

// timeTurns begins something in each round and returns the least time of each read or turn that follows. The garbage of the
// simulated sockets is not collected meanwhile: a reactor that allocates nothing does not help to collect it.
func timeTurns(rounds int, begin func() *world) (turns []time.Duration) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for round := range rounds {
		w := begin()
		percent := debug.SetGCPercent(-1)
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
		debug.SetGCPercent(percent)
	}
	return turns
}
