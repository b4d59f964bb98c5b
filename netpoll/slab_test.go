package netpoll

import (
	"testing"
	"unsafe"
)

// TestConnSize limits the memory of an idle connection in this package. server's session has a limit of its own.
func TestConnSize(t *testing.T) {
	const budget = 64
	if size := unsafe.Sizeof(Conn{}); size > budget {
		t.Fatalf("a Conn takes %d bytes, budget %d", size, budget)
	}
}

func TestAnOldHandleNamesNoConnection(t *testing.T) {
	r := &Reactor{index: 3}
	c := r.slab.take()
	c.reactor, c.state = r, stateOpen
	old := c.Handle()
	if old.Reactor() != 3 || r.slab.find(old) != c {
		t.Fatalf("handle %v does not name its connection", old)
	}
	r.slab.release(c)
	if r.slab.find(old) != nil {
		t.Fatal("a released connection is still found")
	}
	next := r.slab.take()
	next.reactor, next.state = r, stateOpen
	if next != c {
		t.Fatal("the slot was not used again, so this test shows nothing")
	}
	if r.slab.find(old) != nil || r.slab.find(next.Handle()) != next {
		t.Fatal("an old handle names the next connection of its slot")
	}
}

func TestSlabNeverMovesAConnection(t *testing.T) {
	var s slab
	first := s.take()
	for range 5 * chunkSlots {
		s.take()
	}
	if s.at(first.slot) != first {
		t.Fatal("growing the slab moved a connection")
	}
}
