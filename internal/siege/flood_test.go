package siege

import (
	"bytes"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// bytesPerFlooder is the memory for a flooding client: its outbound queue, and one unfinished message.
const bytesPerFlooder = 5 << 19

// TestFloods has a few clients send as fast as they can, and reconnect as soon as they are closed. A reconnect does not give
// them a new burst of the rate limit.
func TestFloods(t *testing.T) {
	start := frame(0x01, nil)
	for _, flood := range []struct {
		name   string
		first  []byte
		again  []byte // repeated without end
		code   int
		reason string
	}{
		{"pings", nil, frame(0x89, []byte("hello")), 1008, "flood"},
		{"pongs", nil, frame(0x8a, nil), 1008, "flood"},
		{"pings inside a message", start, slices.Concat(frame(0x00, nil), frame(0x89, nil)), 1008, "flood"},
		{"empty fragments", start, frame(0x00, nil), 1008, "flood"},
		{"fragments of a byte", start, frame(0x00, []byte("a")), 1008, "flood"},
		{"empty messages", nil, frame(0x81, nil), 1008, "rate"},
		{"messages", nil, frame(0x81, []byte(`{"message_type":"text","data":"flood"}`)), 1008, "rate"},
		{"messages of a byte in fragments", nil, slices.Concat(start, frame(0x80, []byte("{"))), 1008, "rate"},
		{"closes", nil, frame(0x88, []byte{3, 232}), 1000, "peer_closed"},
	} {
		t.Run(flood.name, func(t *testing.T) {
			n := serve(t, 0)
			w := connectBystanders(t, n)
			before := n.memory("VmRSS")
			var closed, otherwise atomic.Int64
			size := sized(2, 8)
			w.withstand(func() {
				n.flood(t, size, slices.Concat(flood.first, bytes.Repeat(flood.again, 64<<10/len(flood.again))), func(code int) {
					closed.Add(1)
					if code != flood.code {
						otherwise.Add(1)
						t.Errorf("a flooding client was closed with %d, not %d", code, flood.code)
					}
				})
			})
			eventually(t, "each close is counted", func() bool { return n.stats().Closed[flood.reason] >= int(closed.Load()) })
			t.Logf("closed %d times", closed.Load())
			if closed.Load() == 0 {
				t.Error("no client was closed")
			}
			checkMemory(t, n, before, size, bytesPerFlooder)
			w.alone()
		})
	}
}

// flood has a number of clients connect and send again and again, and reports the close code of each connection.
func (n *node) flood(t *testing.T, size int, bytes []byte, closed func(code int)) {
	over := time.Now().Add(time.Duration(sized(1, 10)) * time.Second)
	var all sync.WaitGroup
	for i := range size {
		user := token(t, t.Name()+string(rune('a'+i)))
		all.Go(func() {
			for time.Now().Before(over) {
				c, err := n.enter(i, user)
				if err != nil {
					t.Errorf("a flooding client was refused: %v", err)
					return
				}
				go func() {
					for err := error(nil); err == nil; {
						_, err = c.Write(bytes)
					}
				}()
				closed(closeCode(c))
				c.Close()
			}
		})
	}
	all.Wait()
}
