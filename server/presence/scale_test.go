package presence

import (
	"encoding/binary"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sys/unix"

	"momentum/netpoll"
	"momentum/protocol"
	"momentum/server/history"
)

// scale is the number of users that the benchmarks named BenchmarkScale… are about (make bench-scale).
const scale = 1_000_000

func randomIDs(n int) []uuid.UUID {
	random := rand.New(rand.NewPCG(1, 1))
	ids := make([]uuid.UUID, n)
	for i := range ids {
		binary.BigEndian.PutUint64(ids[i][:], random.Uint64())
		binary.BigEndian.PutUint64(ids[i][8:], random.Uint64())
	}
	return ids
}

// crowd makes a hub of many users with a connection each.
func crowd() (*Hub, []*User) {
	h := NewHub(history.Limits{}, 0)
	users := make([]*User, scale)
	for i, id := range randomIDs(scale) {
		users[i], _, _ = h.Join(id, "some.user.name", netpoll.Handle(i+1), time.Time{}, ignore)
	}
	return h, users
}

// stopwatch measures how long something takes, on average and at most. It takes processor time of this thread, so that the
// work of others on the host does not count; their use of the caches does, and on a busy host the longest time shows it.
type stopwatch struct {
	sum, longest time.Duration
	times        int
}

func (w *stopwatch) time(do func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	began := threadTime()
	do()
	took := threadTime() - began
	w.sum, w.longest, w.times = w.sum+took, max(w.longest, took), w.times+1
}

func threadTime() time.Duration {
	var t unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t)
	return time.Duration(t.Nano())
}

func (w *stopwatch) report(b *testing.B, what string) {
	b.ReportMetric(float64(w.sum.Nanoseconds())/1000/float64(w.times), what+"-µs")
	b.ReportMetric(float64(w.longest.Nanoseconds())/1000, "longest-"+what+"-µs")
}

// perUser reports what an operation on all users takes for each.
func perUser(b *testing.B) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/scale, "ns/user")
}

func BenchmarkScaleArrive(b *testing.B) {
	ids := randomIDs(scale)
	for b.Loop() {
		b.StopTimer()
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		h := NewHub(history.Limits{}, 0)
		b.StartTimer()
		for i, id := range ids {
			h.Join(id, "some.user.name", netpoll.Handle(i+1), time.Time{}, ignore)
		}
		b.StopTimer()
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/scale, "B/user")
		runtime.KeepAlive(h)
		b.StartTimer()
	}
	perUser(b)
}

// BenchmarkScaleReconnect has users' only connections go and come back.
func BenchmarkScaleReconnect(b *testing.B) {
	h, users := crowd()
	random := rand.New(rand.NewPCG(2, 2))
	for b.Loop() {
		i := random.IntN(scale)
		h.Leave(users[i], netpoll.Handle(i+1), 0, 0)
		h.Join(users[i].ID, "some.user.name", netpoll.Handle(i+1), time.Time{}, ignore)
	}
}

// BenchmarkScaleSecond has users' second connections come and go.
func BenchmarkScaleSecond(b *testing.B) {
	h, users := crowd()
	random := rand.New(rand.NewPCG(2, 2))
	for b.Loop() {
		i := random.IntN(scale)
		h.Join(users[i].ID, "some.user.name", netpoll.Handle(scale+1), time.Time{}, ignore)
		h.Leave(users[i], netpoll.Handle(scale+1), 0, 0)
	}
}

func BenchmarkScaleLookUp(b *testing.B) {
	h, users := crowd()
	random := rand.New(rand.NewPCG(2, 2))
	var found []netpoll.Handle
	for b.Loop() {
		found = h.Connections(users[random.IntN(scale)].ID, found[:0])
	}
}

// BenchmarkScalePage asks for a page of the default size from the middle.
func BenchmarkScalePage(b *testing.B) {
	h, _ := crowd()
	middle := uuid.UUID{0x80}
	for b.Loop() {
		h.Page(middle, 1001)
	}
	var hold stopwatch
	for i := range h.shards {
		names := make([]string, 0, entriesAtOnce)
		hold.time(func() {
			h.shards[i].visit(middle, entriesAtOnce, func(u *User) { names = append(names, u.name) })
		})
	}
	hold.report(b, "hold")
}

func BenchmarkScaleEach(b *testing.B) {
	h, _ := crowd()
	for b.Loop() {
		for range h.Each {
		}
	}
	perUser(b)
}

func BenchmarkScaleAudit(b *testing.B) {
	h, _ := crowd()
	for b.Loop() {
		if _, err := h.Audit(); err != nil {
			b.Fatal(err)
		}
	}
	perUser(b)
}

// BenchmarkScaleDepartures has everybody leave within the same moment, and announces and forgets them.
func BenchmarkScaleDepartures(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		h, users := crowd()
		a := NewAnnouncer(h, func(protocol.MessageType, []byte, uuid.UUID) bool { return true })
		a.joined.Count = 1 // so that departures are counted for the summary
		var leave, hold, tick stopwatch
		for i, u := range users {
			leave.time(func() { h.Leave(u, netpoll.Handle(i+1), 0, 0) })
		}
		var scratch [entriesAtOnce]Person
		for i := range h.shards {
			hold.time(func() { a.departuresOf(&h.shards[i], Grace, scratch[:0]) })
			hold.time(func() { h.shards[i].forget(0, entriesAtOnce) })
		}
		b.StartTimer()
		for range scale/shardCount/entriesAtOnce + 4 {
			tick.time(func() { a.Tick(Grace) })
		}
		leave.report(b, "leave")
		hold.report(b, "hold")
		tick.report(b, "tick")
	}
	perUser(b)
}

// BenchmarkScaleManyConnections has a million connections of one user leave.
func BenchmarkScaleManyConnections(b *testing.B) {
	var leave stopwatch
	for b.Loop() {
		b.StopTimer()
		h := NewHub(history.Limits{}, 0)
		var u *User
		for i := range scale {
			u, _, _ = h.Join(uuid.UUID{1}, "x", netpoll.Handle(i+1), time.Time{}, ignore)
		}
		b.StartTimer()
		for i := range scale {
			leave.time(func() { h.Leave(u, netpoll.Handle(scale-i), 0, 0) })
		}
	}
	leave.report(b, "leave")
	perUser(b)
}
