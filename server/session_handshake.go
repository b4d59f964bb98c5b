package server

import (
	"time"

	"momentum/netpoll"
	"momentum/protocol"
	"momentum/server/admit"
	"momentum/server/reason"
)

// endpoint is the only path that accepts WebSocket upgrades.
const endpoint = "/ws"

// readRequest collects the request until its blank line. Nearly every request arrives in one read; it is then parsed
// in the read buffer.
func (sh *shard) readRequest(s *session, b []byte) {
	if s.handshake != nil {
		s.handshake.head = append(s.handshake.head, b...)
		b = s.handshake.head
	}
	if s.prefix {
		var through bool
		if b, through = sh.cutProxyHeader(s, b); !through {
			return
		}
	}
	searched := 0
	if s.handshake != nil {
		searched = s.handshake.searched
	}
	n := protocol.HeadEnd(b, searched)
	switch {
	case n > 0 && n <= protocol.MaxHeadBytes:
		sh.answerRequest(s, b, n)
	case len(b) >= protocol.MaxHeadBytes:
		sh.refuse(s, reason.RefusedRequest, protocol.HeadTooLong(b))
	default:
		sh.keepHead(s, b)
		s.handshake.searched = len(b)
	}
}

// keepHead keeps all that has arrived of the request, b, which may lie in the head already.
func (sh *shard) keepHead(s *session, b []byte) {
	if h := sh.takeHandshake(s); len(h.head) < len(b) {
		h.head = append(h.head[:0], b...)
	}
}

// answerRequest handles a complete request head of n bytes; the bytes after it are the first frames.
func (sh *shard) answerRequest(s *session, b []byte, n int) {
	request := &sh.request
	if refusal := request.Parse(b[:n]); refusal != nil {
		sh.refuse(s, reason.RefusedRequest, explain(b, refusal))
		return
	}
	if sh.answerProbe(s, request, b) || !sh.locate(s, request) {
		return
	}
	switch {
	case !request.Upgrade:
		sh.handOff(s, b)
	case string(request.Path) != endpoint:
		sh.refuse(s, reason.RefusedPath, reason.RefusedPath.Refusal())
	case !admit.OriginAllowed(string(request.Origin), string(request.Host), sh.rules.Origins):
		sh.refuse(s, reason.RefusedOrigin, reason.RefusedOrigin.Refusal())
	case sh.server.draining.Load():
		sh.refuse(s, reason.RefusedDraining, reason.RefusedDraining.Refusal())
	default:
		sh.offer(s, request, b[n:])
	}
}

// offer gives the handshake to a worker. It first copies everything that is needed later out of the read buffer.
func (sh *shard) offer(s *session, request *protocol.Handshake, early []byte) {
	kind := sh.server.recent.Load().Kind(request.Token())
	sh.limiter.Advance(sh.reactor.Tick())
	if !sh.limiter.Enter(kind) {
		sh.refuse(s, reason.RefusedBusy, reason.RefusedBusy.Refusal())
		return
	}
	if !sh.server.slots.Take() {
		sh.limiter.Leave(kind)
		sh.refuse(s, reason.RefusedFull, reason.RefusedFull.Refusal())
		return
	}
	h := sh.takeHandshake(s)
	h.handle, h.owner, h.kind = s.handle(), h, kind
	h.token = append(h.token[:0], request.Token()...)
	h.deflate = protocol.Deflate{}
	if sh.rules.Compression {
		h.deflate = request.NegotiateDeflate()
	}
	h.answer = request.AppendAccept(h.answer[:0], h.deflate)
	h.early = append(h.early[:0], early...)
	h.offered = sh.now()
	used := time.Duration(sh.reactor.Tick()-s.seen) * netpoll.TickLength
	h.by = h.offered.Add(HandshakeTimeout - used - directoryMargin)
	s.state = stateAdmission
	if !sh.server.checks.offer(&h.tokenCheck) {
		sh.limiter.Leave(kind)
		sh.server.slots.Give()
		s.state = stateHandshake
		sh.refuse(s, reason.RefusedBusy, reason.RefusedBusy.Refusal())
	}
}

// keepEarly keeps frames that arrive before the verdict.
func (sh *shard) keepEarly(s *session, b []byte) {
	h := s.handshake
	if len(h.early)+len(b) > maxEarlyBytes {
		sh.refuse(s, reason.RefusedEarly, reason.RefusedEarly.Refusal())
		return
	}
	h.early = append(h.early, b...)
}

// refuse answers an HTTP error and ends the connection.
func (sh *shard) refuse(s *session, why reason.Reason, refusal *protocol.Refusal) {
	retryAfter := 0
	switch {
	case why == reason.RefusedBusy:
		sh.limiter.Advance(sh.reactor.Tick())
		retryAfter = sh.limiter.RetryAfter(sh.random)
	case why == reason.RefusedBanned:
		retryAfter = s.handshake.wait
	case why.Again():
		retryAfter = 1 + sh.random.IntN(admit.RetryAfterMost)
	}
	sh.frame = protocol.AppendRefusal(sh.frame[:0], refusal, retryAfter)
	sh.count.Refused[why].Add(1) // counted before the answer is sent, so that the client finds it counted
	s.conn.SendLast(sh.frame)
	sh.dropHandshake(s)
	s.state, s.reason = stateClosed, why
	s.conn.Finish()
}

// handshakeExpired refuses a handshake whose request or check is late.
func (sh *shard) handshakeExpired(s *session) {
	why := reason.RefusedHandshakeTimeout
	switch {
	case s.state == stateAdmission:
		why = reason.RefusedBusy
	case s.crowded:
		why = reason.RefusedAddress
	}
	sh.refuse(s, why, why.Refusal())
}
