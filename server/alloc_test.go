package server

import (
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"momentum/protocol"
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
	o.RateLimit, o.Compression = 0, true
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
	if long := strings.HasPrefix(kind, "long"); long {
		data := strings.Repeat("all work and no play ", 50)
		said = fmt.Sprintf(`{"id":"1","message_type":"text","data":"%s",%s}`, data, stamp)
		answer = fmt.Sprintf(`{"id":"1","message_type":"text","data":"%s",%s,"from_user_id":"%s"}`, data, stamp, userID("speaker"))
		r.message = frame(1, []byte(said))
	}
	r.answers = hears * len(protocol.AppendFrame(nil, protocol.OpText, []byte(answer)))
	if kind == "long packed" {
		r.answers = hears * len(protocol.AppendCompressed(nil, protocol.OpText, []byte(answer), protocol.FullDeflate))
	}
	all := []*wire{r.speaker}
	for i := range listeners {
		all = append(all, joinRoom(t, n, fmt.Sprintf("listener%d", i), kind == "long packed"))
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

// joinRoom joins as a listener, with or without an offer of compression.
func joinRoom(t testing.TB, n *realNode, name string, packed bool) *wire {
	t.Helper()
	request := upgradeRequest(realToken(t, name))
	if packed {
		request = offering(request, "")
	}
	w, err := joinWith(n.addr, request)
	if err != nil {
		t.Fatal(err)
	}
	return w
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

// BenchmarkToAll is one message to 60 others, through real sockets: of 250 bytes, of 1.2 kB, and of 1.2 kB that
// all of them take compressed. An operation is a message.
func BenchmarkToAll(b *testing.B) {
	for _, kind := range []string{"to all", "long", "long packed"} {
		b.Run(strings.ReplaceAll(kind, " ", "_"), func(b *testing.B) {
			r := newRoom(b, 60, kind)
			r.talk(b, 100)
			b.ReportAllocs()
			b.ResetTimer()
			r.talk(b, b.N)
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/60, "ns/delivery")
			b.ReportMetric(float64(r.answers)/60, "bytes/delivery")
		})
	}
}

// BenchmarkToOne is one message to one other user.
func BenchmarkToOne(b *testing.B) {
	r := newRoom(b, 1, "to one")
	r.talk(b, 100)
	b.ReportAllocs()
	b.ResetTimer()
	r.talk(b, b.N)
}
