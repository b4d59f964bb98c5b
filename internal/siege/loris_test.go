package siege

import (
	"bytes"
	"net"
	"testing"
)

// bytesPerLoris is the memory for a socket that sends a byte a second. The structs take some 600 bytes, including gnet's, and
// the unfinished input takes the smallest buffer. The garbage collector may double that.
const bytesPerLoris = 4 << 10

// startMemory is the growth of the node's resident memory that does not depend on the number of sockets.
const startMemory = 8 << 20

// TestSlowLorisInTheHandshake sends a request one byte a second. The deadline counts from the accept, and further bytes do not
// extend it.
func TestSlowLorisInTheHandshake(t *testing.T) {
	size := sized(1000, 5000)
	n := serve(t, 0)
	w := connectBystanders(t, n)
	before := n.memory("VmRSS")
	var all []net.Conn
	w.withstand(func() {
		all = crowd(t, size, n.dial)
		trickle(all, 6, func(int) []byte { return request("x") })
	})
	for i, c := range all {
		if got := status(c); got != 408 {
			t.Fatalf("socket %d read status %d, not 408", i, got)
		}
	}
	if got := n.stats().Refused["handshake_timeout"]; got != size {
		t.Errorf("handshake_timeout counts %d of %d", got, size)
	}
	checkMemory(t, n, before, size, bytesPerLoris)
	disperse(all)
	w.alone()
}

// TestSlowLorisInAFrame has live connections send a frame's header or payload one byte a second. Inside a frame they cannot
// answer a ping, so the heartbeat closes them.
func TestSlowLorisInAFrame(t *testing.T) {
	size := sized(1000, 5000)
	n := serve(t, 0, "WS_HEARTBEAT_INTERVAL=5", "WS_HEARTBEAT_TIMEOUT=4") // bystanders share the processors with other tests
	w := connectBystanders(t, n)
	before := n.memory("VmRSS")
	long := frame(0x81, bytes.Repeat([]byte{'a'}, 1<<16))
	all := n.members(t, "loris", size)
	w.withstand(func() {
		for i, c := range all {
			if i%2 == 0 {
				_, _ = c.Write(long[:14]) // the whole header: the rest is payload
			}
		}
		trickle(all, 5, func(i int) []byte { return long[14*((i+1)%2):] })
	})
	for i, c := range all {
		if got := closeCode(c); got != 1001 {
			t.Fatalf("socket %d was closed with %d, not 1001", i, got)
		}
	}
	if got := n.stats().Closed["heartbeat"]; got != size {
		t.Errorf("heartbeat counts %d of %d", got, size)
	}
	checkMemory(t, n, before, size, bytesPerLoris)
	disperse(all)
	w.alone()
}

// checkMemory bounds the growth of the node's resident memory, at its maximum.
func checkMemory(t *testing.T, n *node, before, sockets, each int) {
	t.Helper()
	grew := n.memory("VmHWM") - before
	t.Logf("%d sockets: resident memory grew from %d MiB to at most %d MiB, %d bytes a socket", sockets, before>>20, (before+grew)>>20, grew/sockets)
	if grew > startMemory+sockets*each {
		t.Errorf("memory grew by %d bytes, more than %d + %d for each of %d sockets", grew, startMemory, each, sockets)
	}
}
