package server

import (
	"net/netip"
	"time"

	"momentum/netpoll"
	"momentum/protocol"
	"momentum/server/admit"
	"momentum/server/auth"
	"momentum/server/reason"
)

// handshake is what a session needs until it is live, and not a byte longer: an idle session holds none.
type handshake struct {
	// The reactor's.
	head     []byte     // what has arrived of the request, when it did not arrive at once
	searched int        // bytes of head in which no blank line ends
	behind   netip.Addr // the proxy that a proxy has named as its peer
	early    []byte     // frames that came behind the request
	gone     bool       // the session ended while a worker had the handshake
	server   *Server    // whom the directory's answer is for
	// Written before it is offered, then a worker's until it is posted back.
	handle  netpoll.Handle
	token   []byte
	answer  []byte // the 101, ready to send
	deflate protocol.Deflate
	offered time.Time
	by      time.Time // the directory must have answered
	epoch   uint64    // of deactivations, when the directory was asked
	renews  bool      // it is a live session's, which has sent a new token
	ref     []byte    // and the id of that message
	claims  auth.Claims
	refusal protocol.Refusal // Status 0: admitted
	why     reason.Reason
	kind    admit.Kind
	wait    int // seconds that a ban lasts
}

// takeHandshake gives the session a handshake, if it has none.
func (sh *shard) takeHandshake(s *session) *handshake {
	if s.handshake == nil {
		if n := len(sh.spares); n > 0 {
			s.handshake, sh.spares = sh.spares[n-1], sh.spares[:n-1]
		} else {
			s.handshake = &handshake{server: sh.server}
		}
	}
	return s.handshake
}

// dropHandshake takes it from the session. One that a worker still has comes back with opAdmit.
func (sh *shard) dropHandshake(s *session) {
	h := s.handshake
	s.handshake = nil
	switch {
	case h == nil:
	case s.state == stateAdmission || h.renews:
		h.gone, h.early = true, nil
	default:
		sh.recycle(h)
	}
}

// recycle empties a handshake for the next session, keeping buffers of ordinary size.
func (sh *shard) recycle(h *handshake) {
	if len(sh.spares) >= maxSpareHandshakes {
		return
	}
	*h = handshake{
		server: h.server, head: keep(h.head), early: keep(h.early), token: keep(h.token), answer: keep(h.answer), ref: keep(h.ref),
	}
	sh.spares = append(sh.spares, h)
}

func keep(b []byte) []byte {
	if cap(b) > keepHandshakeBytes {
		return nil
	}
	return b[:0]
}
