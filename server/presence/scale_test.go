package presence

import (
	"encoding/binary"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/google/uuid"

	"momentum/netpoll"
	"momentum/protocol"
)

// scale is the number of entries that benchmarks named BenchmarkScale… are about (make bench-scale).
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
func crowd(n int) (*Hub, []*User) {
	h := NewHub(Grace)
	users := make([]*User, n)
	for i, id := range randomIDs(n) {
		users[i], _, _ = h.Join(id, "some.user.name", netpoll.Handle(i+1), time.Time{})
	}
	return h, users
}

// stopwatch keeps the longest of the times between its starts and stops.
type stopwatch struct {
	began   time.Time
	longest time.Duration
}

func (w *stopwatch) start() { w.began = time.Now() }
func (w *stopwatch) stop()  { w.longest = max(w.longest, time.Since(w.began)) }

func (w *stopwatch) report(b *testing.B) {
	b.ReportMetric(float64(w.longest.Microseconds()), "longest-hold-µs")
}

func BenchmarkScaleArrive(b *testing.B) {
	ids := randomIDs(scale)
	for b.Loop() {
		b.StopTimer()
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		h := NewHub(Grace)
		b.StartTimer()
		for i, id := range ids {
			h.Join(id, "some.user.name", netpoll.Handle(i+1), time.Time{})
		}
		b.StopTimer()
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/scale, "B/user")
		runtime.KeepAlive(h)
		b.StartTimer()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/scale, "ns/user")
}

// BenchmarkScaleReconnect has users' only connections go and come back.
func BenchmarkScaleReconnect(b *testing.B) {
	h, users := crowd(scale)
	random := rand.New(rand.NewPCG(2, 2))
	for b.Loop() {
		i := random.IntN(scale)
		h.Leave(users[i], netpoll.Handle(i+1), 0, 0)
		h.Join(users[i].ID, "some.user.name", netpoll.Handle(i+1), time.Time{})
	}
}

// BenchmarkScaleSecond has second connections come and go.
func BenchmarkScaleSecond(b *testing.B) {
	h, users := crowd(scale)
	random := rand.New(rand.NewPCG(2, 2))
	for b.Loop() {
		i := random.IntN(scale)
		h.Join(users[i].ID, "some.user.name", netpoll.Handle(scale+1), time.Time{})
		h.Leave(users[i], netpoll.Handle(scale+1), 0, 0)
	}
}

func BenchmarkScaleLookUp(b *testing.B) {
	h, users := crowd(scale)
	random := rand.New(rand.NewPCG(2, 2))
	var found []netpoll.Handle
	for b.Loop() {
		found = h.Connections(users[random.IntN(scale)].ID, found[:0])
	}
}

func BenchmarkScalePage(b *testing.B) {
	h, _ := crowd(scale)
	for b.Loop() {
		h.Page(uuid.UUID{0x80}, 1001)
	}
	var hold stopwatch
	for i := range h.shards {
		var rows []OnlineUser
		hold.start()
		h.shards[i].visit(uuid.UUID{0x80}, entriesAtOnce, func(u *User) { rows = append(rows, OnlineUser{UserID: u.ID}) })
		hold.stop()
	}
	hold.report(b)
}

func BenchmarkScaleEach(b *testing.B) {
	h, _ := crowd(scale)
	for b.Loop() {
		for range h.Each {
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/scale, "ns/user")
}

// BenchmarkScaleDepartures has everybody leave within the same moment, and announces and forgets them.
func BenchmarkScaleDepartures(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		h, users := crowd(scale)
		a := NewAnnouncer(h, func(protocol.MessageType, []byte, uuid.UUID) bool { return true })
		a.joined.count = 1
		var tick, hold, leave stopwatch
		for i, u := range users {
			leave.start()
			h.Leave(u, netpoll.Handle(i+1), 0, 0)
			leave.stop()
		}
		var scratch [entriesAtOnce]Person
		for i := range h.shards {
			hold.start()
			a.departuresOf(&h.shards[i], Grace, scratch[:0])
			hold.stop()
			hold.start()
			h.shards[i].forget(0, entriesAtOnce)
			hold.stop()
		}
		b.StartTimer()
		for left := 1; left > 0; {
			tick.start()
			a.Tick(Grace)
			tick.stop()
			left = 0
			for i := range h.shards {
				left += len(h.shards[i].users)
			}
		}
		hold.report(b)
		b.ReportMetric(float64(leave.longest.Microseconds()), "longest-leave-µs")
		b.ReportMetric(float64(tick.longest.Microseconds()), "longest-tick-µs")
	}
}

// BenchmarkScaleManyConnections has one user's connections go, the last one first and the first one first.
func BenchmarkScaleManyConnections(b *testing.B) {
	const many = 100_000
	for b.Loop() {
		b.StopTimer()
		h := NewHub(Grace)
		var u *User
		for i := range many {
			u, _, _ = h.Join(uuid.UUID{1}, "x", netpoll.Handle(i+1), time.Time{})
		}
		b.StartTimer()
		for i := range many {
			h.Leave(u, netpoll.Handle(many-i), 0, 0)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/many, "ns/leave")
}
