package netpoll

import "testing"

func TestHandleKeepsItsParts(t *testing.T) {
	h := newHandle(MaxReactors, maxSlots-1, ^uint32(0))
	if h.Reactor() != MaxReactors || h.slot() != maxSlots-1 || h.gen() != ^uint32(0) {
		t.Fatalf("%v: parts overlap", h)
	}
	if got := newHandle(1, 2, 3).String(); got != "1/2.3" {
		t.Fatalf("String: %s", got)
	}
}
