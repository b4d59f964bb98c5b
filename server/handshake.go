package server

import (
	"net/netip"
	"time"

	"momentum/protocol"
	"momentum/server/admit"
	"momentum/server/reason"
	"momentum/server/trace"
)

// handshake is the state that a session needs only until it is live: an idle session holds none.
type handshake struct {
	// The reactor's.
	head     []byte     // the part of the request that has arrived, if not all arrived at once
	searched int        // bytes of head that are known not to end a blank line
	source   netip.Addr // client address from a PROXY header, which may be another trusted proxy
	early    []byte     // frames that arrived after the request, before the 101
	gone     bool       // the session ended in stateAdmission, while the handshake was elsewhere
	node     *node      // for the worker and the directory's answer
	// Written before it is offered, then a worker's until it is posted back.
	tokenCheck
	answer   []byte // the 101, ready to send; of an inquiry, the headers that let a page read the answer
	deflate  protocol.Deflate
	by       time.Time        // deadline of the directory's answer
	epoch    uint64           // of deactivations, when the directory was asked
	refusal  protocol.Refusal // Status 0: admitted
	why      reason.Reason
	priority priority
	inquiry  inquiry
	position position
	wait     int              // seconds that a ban lasts
	trace    *trace.Admission // nil unless the admission is traced
}

// priority says which handshakes the rate limiter lets go before a handshake.
type priority struct {
	token uint64 // the Sum of its token; 0: there is none, or no rate is set
	kind  admit.Kind
	paid  bool   // the rate limiter has admitted an inquiry with this token just now, and so admits this handshake, too
	since uint32 // tick of that inquiry
}

// inquiry is the part of a handshake that says whether it is one at all. A page cannot see the answer to a handshake of its
// browser, so it asks how a handshake would be answered, with the same request but for the headers of the WebSocket. Such
// an inquiry goes through all steps of an admission (see handshakes) up to the last: it holds no connection slot,
// is not added to its user, and its answer is 204 or the refusal.
type inquiry struct {
	asked     bool
	noContent bool // by a HEAD request
	whole     bool // nothing has come after the request, or is to come
}

// inquires reports whether a session's handshake, nil if there is none, is an inquiry.
func (h *handshake) inquires() bool { return h != nil && h.inquiry.asked }

// readable reports whether it is an inquiry of a page whose origin is allowed: the page can then read the answer.
func (h *handshake) readable() bool { return h.inquires() && len(h.answer) > 0 }

// takeSlot takes a connection slot. An inquiry takes none, but is refused as a handshake would be.
func (h *handshake) takeSlot() bool {
	if h.inquiry.asked {
		return !h.node.slots.Full()
	}
	return h.node.slots.Take()
}

// giveSlot gives the slot back.
func (h *handshake) giveSlot() {
	if !h.inquiry.asked {
		h.node.slots.Give()
	}
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

// recycle hands over the trace of a handshake, and empties it for the next session, keeping buffers of ordinary size.
func (p *spares) recycle(h *handshake) {
	h.handOver()
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
