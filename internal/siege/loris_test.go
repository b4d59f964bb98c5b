package siege

import (
	"bytes"
	"net"
	"testing"
)

// What a socket that trickles may cost the node. Its structs take some 600 bytes, gnet's among them, and what is
// unfinished the smallest buffer; the collector lets garbage grow to as much again.
const bytesPerLoris = 4 << 10

// startMemory is how much the node's resident memory may grow by for reasons that are no socket's.
const startMemory = 8 << 20

// TestSlowLorisInTheHandshake sends a request one byte a second. The time for it is counted from the accept, so
// that more bytes do not prolong it.
func TestSlowLorisInTheHandshake(t *testing.T) {
	size := sized(1000, 5000)
	n := serve(t, 0)
	w := gather(t, n)
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
		t.Errorf("%d counted as handshake_timeout of %d", got, size)
	}
	weigh(t, n, before, size, bytesPerLoris)
	disperse(all)
	w.alone()
}

// TestSlowLorisInAFrame has live users send a header, or the payload behind it, one byte a second. They do not
// answer pings, as they cannot amid a frame, and so the heartbeat ends them.
func TestSlowLorisInAFrame(t *testing.T) {
	size := sized(1000, 5000)
	n := serve(t, 0, "WS_HEARTBEAT_INTERVAL=5", "WS_HEARTBEAT_TIMEOUT=2")
	w := gather(t, n)
	before := n.memory("VmRSS")
	long := frame(0x81, bytes.Repeat([]byte{'a'}, 1<<16))
	all := n.members(t, "loris", size)
	w.withstand(func() {
		for i, c := range all {
			if i%2 == 0 {
				_, _ = c.Write(long[:14]) // the whole header: what comes is payload
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
		t.Errorf("%d counted as heartbeat of %d", got, size)
	}
	weigh(t, n, before, size, bytesPerLoris)
	disperse(all)
	w.alone()
}

// weigh bounds what the node's memory grew by at the highest.
func weigh(t *testing.T, n *node, before, sockets, each int) {
	t.Helper()
	grew := n.memory("VmHWM") - before
	t.Logf("%d sockets: resident memory from %d MiB to %d MiB at the highest, %d bytes a socket", sockets, before>>20, (before+grew)>>20, grew/sockets)
	if grew > startMemory+sockets*each {
		t.Errorf("memory grew by %d bytes, at most %d + %d for each of %d sockets is fair", grew, startMemory, each, sockets)
	}
}
