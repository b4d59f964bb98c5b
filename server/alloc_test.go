package server

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
)

// TestSteadyPathAllocatesNothing sends messages through real sockets, gnet, routing and fan-out, with clients
// that allocate nothing themselves, and counts every allocation of the process.
func TestSteadyPathAllocatesNothing(t *testing.T) {
	const messages = 5000
	for _, kind := range []string{"to all", "to one", "ping"} {
		t.Run(kind, func(t *testing.T) {
			r := newRoom(t, 20, kind)
			r.talk(t, 2000) // pools and scratch buffers grow to their size
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			r.talk(t, messages)
			runtime.ReadMemStats(&after)
			if each := float64(after.Mallocs-before.Mallocs) / messages; each > 0.01 {
				t.Errorf("%.3f allocations a message", each)
			}
		})
	}
}

// room is a speaker and listeners who count bytes.
type room struct {
	speaker *wire
	message []byte
	answers int          // bytes that one message brings about at all listeners
	heard   atomic.Int64 // bytes
}

func newRoom(t testing.TB, listeners int, kind string) *room {
	t.Helper()
	o := realOptions()
	o.RateLimit = 0
	n := startReal(t, o)
	r := &room{speaker: mustJoin(t, n, "speaker")}
	to, hears := "", listeners
	switch kind {
	case "to one":
		to, hears = fmt.Sprintf(`,"to_user_id":"%s"`, userID("listener0")), 1
	case "ping":
		hears = 1
	}
	stamp := `"timestamp":"2024-01-01T00:00:00Z"`
	answer := fmt.Sprintf(`{"id":"1","message_type":"text","data":"%0100d",%s,"from_user_id":"%s"%s}`, 0, stamp, userID("speaker"), to)
	said := fmt.Sprintf(`{"id":"1","message_type":"text","data":"%0100d",%s%s}`, 0, stamp, to)
	if kind == "ping" {
		said = `{"id":"1","message_type":"ping","data":1}`
		answer = `{"id":"1","message_type":"pong","data":1,"timestamp":"2024-01-01T00:00:00.000Z"}`
	}
	r.message = frame(1, []byte(said))
	r.answers = hears * (len(answer) + headBytes(len(answer)))
	all := []*wire{r.speaker}
	for i := range listeners {
		all = append(all, mustJoin(t, n, fmt.Sprintf("listener%d", i)))
	}
	last := len(all) - 1
	for i, w := range all {
		if i < last { // presence is over when the last arrival was heard of
			if _, err := w.until(fmt.Sprintf(`"username":"listener%d"`, last-1)); err != nil {
				t.Fatal(err)
			}
		}
		if (w == r.speaker) == (kind == "ping") {
			go r.count(w)
		}
	}
	return r
}

func headBytes(n int) int {
	if n <= 125 {
		return 2
	}
	return 4
}

func (r *room) count(w *wire) {
	buffer := make([]byte, 64<<10)
	r.heard.Add(int64(w.in.Buffered()))
	for {
		n, err := w.Conn.Read(buffer)
		r.heard.Add(int64(n))
		if err != nil {
			return
		}
	}
}

// talk sends messages, a few at a time, and waits until all of them were heard.
func (r *room) talk(t testing.TB, messages int) {
	t.Helper()
	start := r.heard.Load()
	for sent := 1; sent <= messages; sent++ {
		if _, err := r.speaker.Write(r.message); err != nil {
			t.Fatal(err)
		}
		for r.heard.Load()-start < int64((sent-8)*r.answers) {
			runtime.Gosched()
		}
	}
	for r.heard.Load()-start < int64(messages*r.answers) {
		runtime.Gosched()
	}
}

// BenchmarkToAll is one message to 60 others, through real sockets; an operation is a message.
func BenchmarkToAll(b *testing.B) {
	r := newRoom(b, 60, "to all")
	r.talk(b, 100)
	b.ReportAllocs()
	b.ResetTimer()
	r.talk(b, b.N)
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/60, "ns/delivery")
}

// BenchmarkToOne is one message to one other user.
func BenchmarkToOne(b *testing.B) {
	r := newRoom(b, 1, "to one")
	r.talk(b, 100)
	b.ReportAllocs()
	b.ResetTimer()
	r.talk(b, b.N)
}
