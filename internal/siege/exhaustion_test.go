package siege

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// TestDescriptorsRunOut gives a node 256 descriptors and dials it 2,000 times. Open connections are served meanwhile, further
// ones are refused with 503, and when sockets are free again the node accepts new ones.
func TestDescriptorsRunOut(t *testing.T) {
	const size = 2000
	n := serve(t, 256)
	w := connectBystanders(t, n)
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
		t.Logf("of %d sockets, %d read 503, and %d, which had a place, 408", size, busy.Load(), late.Load())
		if busy.Load() < size/2 || late.Load() == 0 {
			t.Errorf("of %d sockets, %d read 503 and %d read 408", size, busy.Load(), late.Load())
		}
		if got := n.stats().TurnedAway; got < int(busy.Load()) {
			t.Errorf("turned_away counts %d, and %d read 503", got, busy.Load())
		}
		disperse(all)
	})
	w.alone()
	disperse(n.members(t, "late", 100))
	w.alone()
}

// TestAcceptQueueOverflows stops the node, as a host that swaps does, until the kernel's accept queue is full, and continues it.
// No open connection is lost: the time for which the node was stopped does not count towards any timeout.
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
	w := connectBystanders(t, n)
	raw := request("x.y.z")
	var opened, refused atomic.Int64
	attempt := func(i int) {
		c, err := n.dial(i) // beyond the queue, the kernel repeats the SYN after a second
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
			side(size, size, attempt)
		}()
		eventually(t, "the queue is full", func() bool { return opened.Load() >= int64(queue) })
		t.Logf("%d of %d sockets are open while the node is stopped, the queue has %d places", opened.Load(), size, queue)
		n.signal(syscall.SIGCONT)
		<-answered
	})
	if int(refused.Load()) != size {
		t.Errorf("%d of %d read 401", refused.Load(), size)
	}
	w.alone()
	w.withstand(func() { disperse(n.members(t, "late", 100)) })
}

// TestMemoryRunsShort has many clients send nearly a whole message each, far more than the node's memory limit. The connections
// that hold the most are closed with 1013. A second round shows that the memory of the first one is free again.
func TestMemoryRunsShort(t *testing.T) {
	const limit = 32 << 20
	size := sized(1000, 5000)
	n := serve(t, 0, fmt.Sprint("GOMEMLIMIT=", limit))
	w := connectBystanders(t, n)
	nearly := slices.Concat(frame(0x01, bytes.Repeat([]byte{'a'}, 60<<10)), frame(0x00, []byte("a")))
	before := n.memory("VmRSS")
	for range 2 {
		all := n.members(t, "hoarder", size)
		var told atomic.Int64
		closed := n.stats().Closed["memory"]
		w.withstand(func() {
			side(size, 16, func(i int) { _, _ = all[i].Write(nearly) })
			eventually(t, "most of them are closed", func() bool { return n.stats().Closed["memory"]-closed > size*3/4 })
			side(size, 16, func(i int) {
				_ = all[i].SetReadDeadline(time.Now().Add(time.Second))
				if lastCode(all[i]) == 1013 {
					told.Add(1)
				}
			})
			disperse(all)
		})
		t.Logf("%d of %d were closed for the memory that they held, %d read 1013", n.stats().Closed["memory"]-closed, size, told.Load())
		if int(told.Load()) < size/2 {
			t.Errorf("only %d of %d read 1013", told.Load(), size)
		}
		w.alone()
		checkMemory(t, n, before, size, limit/2/size)
	}
}

// TestReadersTogether has many clients read nothing. Together they exceed the node's memory limit before any of them exceeds its
// own.
func TestReadersTogether(t *testing.T) {
	const limit = 64 << 20
	size := sized(100, 400)
	n := serve(t, 0, fmt.Sprint("GOMEMLIMIT=", limit))
	w := connectBystanders(t, n)
	before := n.memory("VmRSS")
	all := crowd(t, size, func(i int) (net.Conn, error) {
		c, err := n.enter(i, token(t, fmt.Sprintf("deaf%d", i)))
		if err == nil {
			err = c.(*net.TCPConn).SetReadBuffer(4 << 10)
		}
		return c, err
	})
	shouters := n.members(t, "shouter", 4)
	w.withstand(func() {
		stop := make(chan struct{})
		defer close(stop)
		for _, c := range shouters {
			go drain(c)
			go shout(c, stop)
		}
		eventually(t, "clients that do not read are closed", func() bool {
			closed := n.stats().Closed
			return closed["slow"]+closed["memory"] == size
		})
	})
	if closed := n.stats().Closed; closed["memory"] < size/2 {
		t.Errorf("of %d clients that read nothing: %v", size, closed)
	}
	checkMemory(t, n, before, size, limit*3/4/size)
	disperse(append(all, shouters...))
	w.alone()
}

func (n *node) signal(s syscall.Signal) {
	n.t.Helper()
	if err := n.cmd.Process.Signal(s); err != nil {
		n.t.Fatal(err)
	}
}
