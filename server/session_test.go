package server

import (
	"testing"
	"unsafe"

	"momentum/netpoll"
)

// TestSizes limits the memory of an idle connection in our own structs: the reactor's half and the session.
func TestSizes(t *testing.T) {
	const budget = 256 // bytes
	if size := unsafe.Sizeof(netpoll.Conn{}) + unsafe.Sizeof(session{}); size > budget {
		t.Fatalf("a connection and its session take %d bytes, budget %d", size, budget)
	}
}

// TestIdleSessionHoldsNothing looks at a session that is live and quiet: no handshake, no partial frame.
func TestIdleSessionHoldsNothing(t *testing.T) {
	w := newWorld(t, 1, nil)
	c := w.dial("alice")
	request := upgradeRequest(w.token("alice"))
	c.Send(request[:50]) // a split request and a split frame, so that both had to be kept
	c.Send(request[50:])
	w.net.Settle()
	f := frame(1, []byte(`{"message_type":"ping"}`))
	c.Send(f[:9])
	c.Send(f[9:])
	if w.server.sessionsNow() != 1 {
		t.Fatal("the session is not live, so this shows nothing")
	}
	for _, r := range w.shards() {
		for s := range r.sessions.live() {
			if s.handshake != nil || s.decoder.Pending() != 0 {
				t.Fatalf("an idle session holds a handshake (%v) or %d bytes of frames", s.handshake != nil, s.decoder.Pending())
			}
		}
	}
}
