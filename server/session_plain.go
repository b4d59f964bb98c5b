package server

import (
	"bytes"

	"momentum/protocol"
	"momentum/server/reason"
)

// answerProbe answers a health probe of a load balancer or supervisor on the reactor. The answer takes no place in the
// sidecar and does not count for the client's address; other clients may have used up both, and so cannot block a
// probe.
func (q *handshakes) answerProbe(s *session, request *protocol.Handshake, arrived []byte) bool {
	if request.Upgrade || q.node.options.Probe == nil || !request.BodylessGet() {
		return false
	}
	status, body := q.node.options.Probe(request.Path)
	if status == 0 {
		return false
	}
	q.count.Probes.Add(1)
	q.answer = protocol.AppendResponse(q.answer[:0], status, body, protocol.IsHead(arrived))
	q.end(s)
	return true
}

// refuseInquiry notes whether the request is an inquiry, and refuses one that could not become a handshake.
// arrived begins with the request's n bytes.
func (q *handshakes) refuseInquiry(s *session, request *protocol.Handshake, arrived []byte, n int) (refused bool) {
	if !request.Inquiry() || string(request.Path) != endpoint {
		return false
	}
	h := q.take(s)
	h.inquiry = inquiry{asked: true, noContent: protocol.IsHead(arrived), whole: len(arrived) == n && request.BodylessGet()}
	h.answer = h.answer[:0]
	refusal := request.CheckInquiry()
	if len(request.Origin) > 0 && q.mayConnect(request) {
		h.answer = protocol.AppendReadable(h.answer, request.Origin)
	}
	if refusal != nil {
		q.refuse(s, reason.RefusedRequest, refusal)
	}
	return refusal != nil
}

// answerPreflight answers a browser that asks whether a page may make an inquiry with Authorization.
func (q *handshakes) answerPreflight(s *session, request *protocol.Handshake) bool {
	if !request.Preflight() || string(request.Path) != endpoint {
		return false
	}
	if !q.mayConnect(request) {
		q.take(s).inquiry.asked = true // it is counted as one
		q.refuse(s, reason.RefusedOrigin, reason.RefusedOrigin.Refusal())
		return true
	}
	q.count.Preflights.Add(1)
	q.answer = protocol.AppendPreflight(q.answer[:0], request.Origin)
	q.end(s)
	return true
}

// handOff gives a plain HTTP request, with everything that has arrived of it, to the sidecar. net/http takes no
// empty line before it. The socket counts for its address until the sidecar has closed it.
func (q *handshakes) handOff(s *session, arrived []byte) {
	counted := s.origin.network()
	closed := func() { q.node.addresses.LeaveHandedOver(counted) }
	fd, err := s.conn.Dup()
	proxied := s.origin.proxied || q.request.Forwarded
	if err != nil || !q.node.options.HandOff(fd, bytes.Clone(protocol.SkipEmptyLine(arrived)), proxied, closed) {
		refusal := reason.RefusedHTTPFull.Refusal()
		refusal.NoContent = protocol.IsHead(arrived)
		q.refuse(s, reason.RefusedHTTPFull, refusal)
		return
	}
	q.node.addresses.HandOver(counted)
	s.origin.counted = false
	s.conn.Abort() // of our descriptor; the other one keeps the socket open
	q.count.HandedOff.Add(1)
	q.drop(s)
	s.state = stateClosed
}
