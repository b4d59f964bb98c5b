package server

import (
	"time"

	"momentum/netpoll"
	"momentum/protocol"
	"momentum/server/admit"
	"momentum/server/reason"
	"momentum/server/trace"
)

// endpoint is the only path that accepts WebSocket upgrades.
const endpoint = "/ws"

// handshakes reads the requests of a reactor's connections, and offers the valid ones for admission.
//
// An admission goes through these steps:
//
//	request       session_handshake.go  readRequest, answerRequest: complete, and for this endpoint, origin and address
//	              session_handshake.go  offer: a connection slot is taken, and one of the places for unchecked handshakes
//	token         admission.go          tokenChecked: the signature and the claims are verified (tokencheck.go)
//	directory     admission.go          Answer: the user exists and is active
//	rate limiter  session_admit.go      admit, admitQueued: at once, or when it is the handshake's turn
//	hub           session_admit.go      decide, reconsider: nothing has changed meanwhile, and the hub has room for the user
//	live          session_admit.go      goLive: the 101 is sent, and the session is a member of the fan-out
//
// The reactor's goroutine runs every step, but a worker may check the token, and the directory looks up the user. From
// offer until decide, the session is in stateAdmission: its handshake is with a worker or the directory, queued by the
// rate limiter, or waits for the bus. A refusal at any step goes through refuse. An inquiry (handshake.go) takes the same
// steps, up to decide.
type handshakes struct {
	*base
	limiter admit.Limiter[*handshake]
	spares  spares
	request protocol.Handshake // parsed in place, one at a time
	answer  []byte             // scratch for one HTTP answer
}

// readRequest collects the request until its blank line. Nearly every request arrives in one read; it is then parsed
// in the read buffer.
func (q *handshakes) readRequest(s *session, b []byte) {
	if s.handshake != nil {
		s.handshake.head = append(s.handshake.head, b...)
		b = s.handshake.head
	}
	if s.origin.prefix {
		var through bool
		if b, through = q.cutProxyHeader(s, b); !through {
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
		q.answerRequest(s, b, n)
	case len(b) >= protocol.MaxHeadBytes:
		q.refuse(s, reason.RefusedRequest, protocol.HeadTooLong(b))
	default:
		q.keepHead(s, b)
		s.handshake.searched = len(b)
	}
}

// take gives the session a handshake, if it has none.
func (q *handshakes) take(s *session) *handshake {
	if s.handshake == nil {
		s.handshake = q.spares.take()
	}
	return s.handshake
}

// drop takes the handshake from the session. In stateAdmission the handshake is elsewhere, so drop only marks it as gone:
// it comes back to decide, which frees it.
func (q *handshakes) drop(s *session) {
	h := s.handshake
	s.handshake = nil
	switch {
	case h == nil:
	case s.state == stateAdmission:
		h.gone, h.early = true, nil
	default:
		q.spares.recycle(h)
	}
}

// keepHead keeps all that has arrived of the request, b, which may lie in the head already.
func (q *handshakes) keepHead(s *session, b []byte) {
	if h := q.take(s); len(h.head) < len(b) {
		h.head = append(h.head[:0], b...)
	}
}

// answerRequest handles a complete request head of n bytes; the bytes after it are the first frames.
func (q *handshakes) answerRequest(s *session, b []byte, n int) {
	request := &q.request
	if refusal := request.Parse(b[:n]); refusal != nil {
		q.refuse(s, reason.RefusedRequest, explain(b, refusal))
		return
	}
	if q.answerProbe(s, request, b) || q.refuseInquiry(s, request, b, n) || !q.locate(s, request) {
		return
	}
	admission := request.Upgrade || s.handshake.inquires()
	if admission && q.node.options.Traces != nil {
		if traced := q.sample(s, request); traced != nil {
			q.take(s).trace = traced
		}
	}
	switch {
	case !admission && q.answerPreflight(s, request):
	case !admission:
		q.handOff(s, b)
	case string(request.Path) != endpoint:
		q.refuse(s, reason.RefusedPath, reason.RefusedPath.Refusal())
	case !s.handshake.readable() && !q.mayConnect(request):
		q.refuse(s, reason.RefusedOrigin, reason.RefusedOrigin.Refusal())
	case q.node.draining.Load():
		q.refuse(s, reason.RefusedDraining, reason.RefusedDraining.Refusal())
	default:
		q.offer(s, request, b[n:])
	}
}

// mayConnect reports whether the Origin of a request is allowed. Programs send none, and may connect.
func (q *handshakes) mayConnect(request *protocol.Handshake) bool {
	return admit.OriginAllowed(string(request.Origin), string(request.Host), q.rules.Origins)
}

// offer takes a place for an unchecked handshake and a connection slot, and starts the check of the token, here or on a
// worker. Before that, it copies everything that is needed later out of the read buffer.
func (q *handshakes) offer(s *session, request *protocol.Handshake, early []byte) {
	h := q.take(s)
	h.priority = q.priorityOf(request.Token())
	q.limiter.Advance(q.reactor.Tick())
	if !q.limiter.Enter(h.priority.kind) {
		q.refuse(s, reason.RefusedBusy, reason.RefusedBusy.Refusal())
		return
	}
	if !h.takeSlot() {
		q.limiter.Leave(h.priority.kind)
		q.refuse(s, reason.RefusedFull, reason.RefusedFull.Refusal())
		return
	}
	h.handle, h.owner = s.handle(), h
	h.token = append(h.token[:0], request.Token()...)
	if !h.inquiry.asked {
		q.prepare(h, request)
		h.early = append(h.early[:0], early...)
	}
	h.offered = q.now()
	h.enter(trace.Token)
	used := time.Duration(q.reactor.Tick()-s.life.seen) * netpoll.TickLength
	h.by = h.offered.Add(HandshakeTimeout - used - directoryMargin)
	s.state = stateAdmission
	if !q.node.checks.offer(&h.tokenCheck) {
		q.limiter.Leave(h.priority.kind)
		h.giveSlot()
		s.state = stateHandshake
		q.refuse(s, reason.RefusedBusy, reason.RefusedBusy.Refusal())
	}
}

// prepare makes the 101.
func (q *handshakes) prepare(h *handshake, request *protocol.Handshake) {
	h.deflate = 0
	if q.rules.Compression {
		h.deflate = request.NegotiateDeflate()
	}
	h.position = positionOf(request.Resume())
	h.answer = request.AppendAccept(h.answer[:0], h.deflate)
}

// keepEarly keeps frames that arrive before the handshake is decided.
func (q *handshakes) keepEarly(s *session, b []byte) {
	h := s.handshake
	if h.inquiry.asked {
		h.inquiry.whole = false
		return
	}
	if len(h.early)+len(b) > maxEarlyBytes {
		q.refuse(s, reason.RefusedEarly, reason.RefusedEarly.Refusal())
		return
	}
	h.early = append(h.early, b...)
}

// refuse answers an HTTP error and ends the connection.
func (q *handshakes) refuse(s *session, why reason.Reason, refusal *protocol.Refusal) {
	retryAfter := 0
	switch {
	case why == reason.RefusedBusy:
		retryAfter = q.reserve(s.handshake, &q.limiter)
	case why == reason.RefusedBanned:
		retryAfter = s.handshake.wait
	case why.Again():
		retryAfter = 1 + q.random.IntN(admit.MaxRetryAfter)
	}
	counter := &q.count.Refused[why]
	if s.handshake.inquires() {
		counter = &q.count.Inquiries[why]
		refusal.Headers, refusal.NoContent = s.handshake.answer, s.handshake.inquiry.noContent
	}
	counter.Add(1) // before the answer is sent, so that the client finds it counted
	q.answer = protocol.AppendRefusal(q.answer[:0], refusal, retryAfter)
	s.answerLast(q.answer)
	s.handshake.answered(trace.Refused, why.String(), refusal.Status)
	if !s.handshake.inquires() {
		q.recordHandshake(s, why, uint16(refusal.Status))
	}
	q.release(s)
}

// end sends the answer, and ends the connection.
func (q *handshakes) end(s *session) {
	s.answerLast(q.answer)
	q.release(s)
}

// release ends a connection that has been answered. After an inquiry, the client sends nothing; after a handshake, it may send frames.
func (q *handshakes) release(s *session) {
	whole := s.handshake.inquires() && s.handshake.inquiry.whole
	q.drop(s)
	s.state = stateClosed
	if whole {
		s.conn.Close()
	} else {
		s.conn.Finish()
	}
}

// expire refuses a handshake whose request or check is late.
func (q *handshakes) expire(s *session) {
	why := reason.RefusedHandshakeTimeout
	switch {
	case s.state == stateAdmission:
		why = reason.RefusedBusy
	case s.origin.crowded:
		why = reason.RefusedAddress
	}
	q.refuse(s, why, why.Refusal())
}
