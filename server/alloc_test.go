package server

import (
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"momentum/protocol"
)

// TestSteadyPathAllocatesNothing sends messages through real sockets, gnet, routing and fan-out, and counts the
// allocations of the event loops. The rest of the process allocates independently of messages: with time (gnet's worker
// pool twice a second, a ping, a presence message) and with threads (nine objects each), which is much on a busy
// machine.
func TestSteadyPathAllocatesNothing(t *testing.T) {
	const messages = 5000
	defer func(rate int) { runtime.MemProfileRate = rate }(runtime.MemProfileRate)
	runtime.MemProfileRate = 1
	for _, kind := range []string{"to all", "to one", "ping"} {
		t.Run(kind, func(t *testing.T) {
			r := newRoom(t, 20, kind)
			r.talk(t, 2000) // pools and scratch buffers grow to their size
			before := loopAllocations(t)
			r.talk(t, messages)
			sum := int64(0)
			var sites strings.Builder
			for site, n := range loopAllocations(t) {
				if n -= before[site]; n > 0 {
					sum += n
					fmt.Fprintf(&sites, "\n%d at %s", n, site)
				}
			}
			if each := float64(sum) / messages; each > 0.01 {
				t.Errorf("%.3f allocations a message:%s", each, sites.String())
			}
		})
	}
}

// loopAllocations returns the number of objects that each place in the code has had allocated on an event loop so far.
// MemProfileRate must be 1.
func loopAllocations(t *testing.T) map[string]int64 {
	t.Helper()
	runtime.GC() // the profile is as of the last collection but one
	runtime.GC()
	n, _ := runtime.MemProfile(nil, true)
	records := make([]runtime.MemProfileRecord, n+1000)
	n, ok := runtime.MemProfile(records, true)
	if !ok {
		t.Fatal("the memory profile grew by more than 1,000 places meanwhile")
	}
	sites := make(map[string]int64)
	for _, record := range records[:n] {
		if site, ok := loopSite(record.Stack()); ok {
			sites[site] += record.AllocObjects
		}
	}
	return sites
}

// loopSite names the function outside the runtime that allocated, with its line, and says whether it ran on an event loop.
func loopSite(stack []uintptr) (site string, onLoop bool) {
	frames := runtime.CallersFrames(stack)
	for more := true; more; {
		var f runtime.Frame
		f, more = frames.Next()
		if f.Function == "runtime.acquireSudog" {
			return "", false // the scheduler's record of a goroutine that waits for a mutex; it keeps these
		}
		if site == "" && !strings.HasPrefix(f.Function, "runtime.") {
			site = fmt.Sprintf("%s:%d", f.Function, f.Line)
		}
		onLoop = onLoop || strings.HasSuffix(f.Function, "gnet/v2.(*eventloop).run")
	}
	return site, onLoop
}

// room is a node with one client that sends and others that count the bytes they receive.
type room struct {
	clients   []*wire // the sender first; kept, since a connection that is garbage is closed
	message   []byte
	answer    int  // bytes of one answer without the digits of its number
	numbered  bool // answers have numbers
	receivers int
	sent      uint64        // messages
	due       [8]int64      // bytes that all receivers have had of the last messages, by their numbers modulo 8
	received  atomic.Int64  // bytes
	news      chan struct{} // has one element if any were received since it was last emptied
	broken    atomic.Pointer[error]
}

func newRoom(t testing.TB, listeners int, kind string) *room {
	t.Helper()
	o := realOptions()
	o.RateLimit, o.Compression = 0, true
	o.HeartbeatInterval, o.ConnectionTimeout = time.Hour, time.Hour // the listeners do not answer pings
	n := startReal(t, o)
	r := &room{clients: []*wire{mustJoin(t, n, "speaker")}, news: make(chan struct{}, 1)}
	r.prepare(listeners, kind)
	for i := range listeners {
		r.clients = append(r.clients, joinRoom(t, n, fmt.Sprintf("listener%d", i), kind == "long compressed"))
	}
	for i, w := range r.clients {
		if i < listeners { // presence is over when everybody has received the last arrival
			if _, err := w.until(fmt.Sprintf(`"username":"listener%d"`, listeners-1)); err != nil {
				t.Fatal(err)
			}
		}
		if (i == 0) == (kind == "ping") {
			go r.count(w)
		}
	}
	return r
}

// prepare makes the message that is sent, and computes how many bytes its receivers get.
func (r *room) prepare(listeners int, kind string) {
	data, to, from := fmt.Sprintf(`"%0100d"`, 0), "", fmt.Sprintf(`,"from_user_id":"%s","from_username":"speaker"`, userID("speaker"))
	stamp := `"timestamp":"2024-01-01T00:00:00Z"`
	receivers := listeners
	switch kind {
	case "to one":
		to, receivers = fmt.Sprintf(`,"to_user_id":"%s"`, userID("listener0")), 1
	case "long", "long compressed":
		data = `"` + strings.Repeat("all work and no play ", 50) + `"`
	}
	said := fmt.Sprintf(`{"id":"1","message_type":"text","data":%s,%s%s}`, data, stamp, to)
	answer := fmt.Sprintf(`{"id":"1","message_type":"text","data":%s,%s%s%s`, data, stamp, from, to)
	end := `,"seq":}` // and the digits of a number, which are counted as they come
	r.numbered = kind != "ping"
	if kind == "ping" {
		said = `{"id":"1","message_type":"ping","data":1}`
		answer = `{"id":"1","message_type":"pong","data":1,"timestamp":"2024-01-01T00:00:00.000Z"`
		end, receivers = "}", 1
	}
	delivered := protocol.AppendFrame(nil, protocol.OpText, []byte(answer+end))
	if kind == "long compressed" {
		deflated := protocol.AppendDeflated(nil, []byte(answer), protocol.FullDeflate)
		delivered = protocol.AppendDeflatedFrame(nil, protocol.OpText, deflated, []byte(end))
	}
	r.message, r.answer, r.receivers = frame(1, []byte(said)), len(delivered), receivers
}

// owe counts the bytes that one more message brings about at all receivers, and returns how many all messages but the last
// eight have brought about.
func (r *room) owe() (settled int64) {
	last := r.due[r.sent%8]
	r.sent++
	each := r.answer
	if r.numbered {
		each += len(fmt.Sprint(r.sent))
	}
	settled, r.due[r.sent%8] = r.due[r.sent%8], last+int64(r.receivers*each)
	return settled
}

// joinRoom joins as a listener, with or without an offer of compression.
func joinRoom(t testing.TB, n *realNode, name string, compression bool) *wire {
	t.Helper()
	request := upgradeRequest(realToken(t, name))
	if compression {
		request = offering(request, "")
	}
	w, err := joinWith(n.addr, request)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// count counts the bytes that a client receives.
func (r *room) count(w *wire) {
	buffer := make([]byte, 64<<10)
	n, err := w.in.Buffered(), error(nil)
	for {
		r.received.Add(int64(n))
		if err != nil {
			r.broken.Store(&err)
		}
		select {
		case r.news <- struct{}{}:
		default:
		}
		if err != nil {
			return
		}
		n, err = w.Conn.Read(buffer)
	}
}

// talk sends messages, a few at a time, and waits until all of them were received.
func (r *room) talk(t testing.TB, messages int) {
	t.Helper()
	for _, w := range r.clients {
		_ = w.SetDeadline(time.Now().Add(patience))
	}
	start := r.received.Load() - r.due[r.sent%8]
	for range messages {
		if _, err := r.clients[0].Write(r.message); err != nil {
			t.Fatal(err)
		}
		r.await(t, start+r.owe())
	}
	r.await(t, start+r.due[r.sent%8])
}

// await waits until the receivers have so many bytes in all.
func (r *room) await(t testing.TB, bytes int64) {
	for r.received.Load() < bytes {
		if err := r.broken.Load(); err != nil {
			t.Fatalf("a receiver's connection broke, %d bytes short: %v", bytes-r.received.Load(), *err)
		}
		<-r.news
	}
}

// BenchmarkToAll is one message to 60 others, through real sockets: of 250 bytes, of 1.2 kB, and of 1.2 kB that
// all of them take compressed. An operation is a message.
func BenchmarkToAll(b *testing.B) {
	for _, kind := range []string{"to all", "long", "long compressed"} {
		b.Run(strings.ReplaceAll(kind, " ", "_"), func(b *testing.B) {
			r := newRoom(b, 60, kind)
			r.talk(b, 100)
			b.ReportAllocs()
			b.ResetTimer()
			r.talk(b, b.N)
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/60, "ns/delivery")
			b.ReportMetric(float64(r.answer), "bytes/delivery")
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
