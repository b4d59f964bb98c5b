package siege

import (
	"bytes"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
)

// TestDescriptorsRunOut gives a node 256 descriptors and dials it 2,000 times. Those who were there are served
// meanwhile, those beyond are told to come back, and when the others have gone it takes new ones as before.
func TestDescriptorsRunOut(t *testing.T) {
	const size = 2000
	n := serve(t, 256)
	w := gather(t, n)
	w.withstand(func() {
		all := crowd(t, size, n.dial)
		var busy, late atomic.Int64
		side(size, size, func(i int) {
			switch status(all[i]) {
			case 503:
				busy.Add(1)
			case 408:
				late.Add(1)
			}
		})
		t.Logf("of %d sockets, %d read 503, and %d, who had a place, 408", size, busy.Load(), late.Load())
		if busy.Load() < size/2 || late.Load() == 0 {
			t.Errorf("of %d sockets, %d read 503 and %d read 408", size, busy.Load(), late.Load())
		}
		if got := n.stats().TurnedAway; got < int(busy.Load()) {
			t.Errorf("%d are counted as turned away, %d were", got, busy.Load())
		}
		disperse(all)
	})
	w.alone()
	disperse(n.members(t, "late", 100))
	w.alone()
}

// TestAcceptQueueOverflows stops the node, as a host that swaps does, until the kernel takes no more connections
// for it, and lets it go on. Nobody who was there is lost, for none of the time it stood still is held against them.
func TestAcceptQueueOverflows(t *testing.T) {
	text, err := os.ReadFile("/proc/sys/net/core/somaxconn")
	if err != nil {
		t.Skip(err)
	}
	queue, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	size := queue + sized(500, 2000)
	if most := 16000; size > most {
		t.Skipf("an accept queue of %d takes more than %d sockets to fill", queue, most)
	}
	n := serve(t, 0, "REACTORS=1", "WS_HEARTBEAT_INTERVAL=1", "WS_HEARTBEAT_TIMEOUT=500ms")
	w := gather(t, n)
	raw := request("x.y.z")
	var opened, refused atomic.Int64
	knock := func(i int) {
		c, err := n.dial(i) // those beyond the queue knock again a second later
		if err != nil {
			return
		}
		defer c.Close()
		opened.Add(1)
		if _, err := c.Write(raw); err == nil && status(c) == 401 {
			refused.Add(1)
		}
	}
	w.endure(func() {
		n.signal(syscall.SIGSTOP)
		answered := make(chan struct{})
		go func() {
			defer close(answered)
			side(size, size, knock)
		}()
		eventually(t, "the queue is full", func() bool { return opened.Load() >= int64(queue) })
		t.Logf("%d of %d sockets open with the node stopped, the queue takes %d", opened.Load(), size, queue)
		n.signal(syscall.SIGCONT)
		<-answered
	})
	if int(refused.Load()) != size {
		t.Errorf("%d of %d were answered 401", refused.Load(), size)
	}
	w.alone()
	w.withstand(func() { disperse(n.members(t, "late", 100)) })
}

// TestMemoryRunsShort has many clients send nearly a whole message each, which the node has to keep, far above what
// it was told to live with. Twice: what the first lot held is there for the second.
func TestMemoryRunsShort(t *testing.T) {
	size := sized(1000, 5000)
	const limit, kept = 32 << 20, 64 << 10
	n := serve(t, 0, "GOMEMLIMIT=32MiB")
	w := gather(t, n)
	nearly := slices.Concat(frame(0x01, bytes.Repeat([]byte{'a'}, 60<<10)), frame(0x00, []byte("a")))
	before := n.memory("VmRSS")
	for range 2 {
		all := n.members(t, "hoarder", size)
		w.withstand(func() {
			side(size, 16, func(i int) { _, _ = all[i].Write(nearly) })
			disperse(all)
		})
		w.alone()
		weigh(t, n, before, size, 2*kept)
	}
	t.Logf("resident at the end: %d MiB, of which the limit is %d MiB", n.memory("VmRSS")>>20, limit>>20)
}

func (n *node) signal(s syscall.Signal) {
	n.t.Helper()
	if err := n.cmd.Process.Signal(s); err != nil {
		n.t.Fatal(err)
	}
}
