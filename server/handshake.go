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
	server   *Server    // for the worker and the directory's answer
	// Written before it is offered, then a worker's until it is posted back.
	tokenCheck
	answer  []byte // the 101, ready to send
	deflate protocol.Deflate
	by      time.Time        // deadline of the directory's answer
	epoch   uint64           // of deactivations, when the directory was asked
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

// dropHandshake takes the handshake from the session. One that a worker still has comes back with opAdmit.
func (sh *shard) dropHandshake(s *session) {
	h := s.handshake
	s.handshake = nil
	switch {
	case h == nil:
	case s.state == stateAdmission:
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
		server: h.server, head: keep(h.head), early: keep(h.early), tokenCheck: tokenCheck{token: keep(h.token)}, answer: keep(h.answer),
	}
	sh.spares = append(sh.spares, h)
}

func keep(b []byte) []byte {
	if cap(b) > keepHandshakeBytes {
		return nil
	}
	return b[:0]
}
