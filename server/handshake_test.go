package server

import "testing"

func TestSparesAreEmptyAndKeepOrdinaryBuffers(t *testing.T) {
	n := new(node)
	p := spares{node: n}
	h := p.take()
	h.head, h.early, h.gone, h.wait = make([]byte, 100), make([]byte, keepHandshakeBytes+1), true, 5
	p.recycle(h)
	again := p.take()
	switch {
	case again != h:
		t.Error("the handshake was not reused")
	case again.gone || again.wait != 0 || len(again.head) != 0 || again.node != n:
		t.Errorf("the reused handshake is not empty: %+v", again)
	case cap(again.head) < 100 || again.early != nil:
		t.Errorf("it keeps %d and %d bytes, want the first buffer only", cap(again.head), cap(again.early))
	}
}

func TestSparesAreLimited(t *testing.T) {
	p := spares{node: new(node)}
	for range maxSpareHandshakes + 1 {
		p.recycle(new(handshake))
	}
	if len(p.free) != maxSpareHandshakes {
		t.Errorf("%d handshakes are kept, want %d", len(p.free), maxSpareHandshakes)
	}
}
