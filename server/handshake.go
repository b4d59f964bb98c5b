package server

import (
	"net/netip"
	"time"

	"momentum/protocol"
	"momentum/server/admit"
	"momentum/server/reason"
)

// handshake is the state that a session needs only until it is live: an idle session holds none.
type handshake struct {
	// The reactor's.
	head     []byte     // the part of the request that has arrived, if not all arrived at once
	searched int        // bytes of head that are known not to end a blank line
	source   netip.Addr // client address from a PROXY header, which may be another trusted proxy
	early    []byte     // frames that arrived after the request, before the 101
	gone     bool       // the session ended while a worker had the handshake
	node     *node      // for the worker and the directory's answer
	// Written before it is offered, then a worker's until it is posted back.
	tokenCheck
	answer   []byte // the 101, ready to send
	deflate  protocol.Deflate
	by       time.Time        // deadline of the directory's answer
	epoch    uint64           // of deactivations, when the directory was asked
	refusal  protocol.Refusal // Status 0: admitted
	why      reason.Reason
	kind     admit.Kind
	position position
	wait     int // seconds that a ban lasts
}

// spares are the handshakes of a reactor that no session needs, for reuse.
type spares struct {
	node *node
	free []*handshake
}

// take returns an empty handshake.
func (p *spares) take() *handshake {
	n := len(p.free)
	if n == 0 {
		return &handshake{node: p.node}
	}
	h := p.free[n-1]
	p.free = p.free[:n-1]
	return h
}

// recycle empties a handshake for the next session, keeping buffers of ordinary size.
func (p *spares) recycle(h *handshake) {
	if len(p.free) >= maxSpareHandshakes {
		return
	}
	*h = handshake{
		node: h.node, head: keep(h.head), early: keep(h.early), tokenCheck: tokenCheck{token: keep(h.token)}, answer: keep(h.answer),
	}
	p.free = append(p.free, h)
}

func keep(b []byte) []byte {
	if cap(b) > keepHandshakeBytes {
		return nil
	}
	return b[:0]
}
