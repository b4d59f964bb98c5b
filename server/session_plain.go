package server

import (
	"bytes"

	"momentum/protocol"
	"momentum/server/reason"
)

// answerProbe answers a health probe of a load balancer or supervisor on the reactor. The answer takes no place in the
// sidecar and does not count for the client's address; other clients may have used up both, and so cannot block a
// probe.
func (sh *shard) answerProbe(s *session, request *protocol.Handshake, arrived []byte) bool {
	if request.Upgrade || sh.server.options.Probe == nil || !request.BodylessGet() {
		return false
	}
	status, body := sh.server.options.Probe(request.Path)
	if status == 0 {
		return false
	}
	sh.count.Probes.Add(1)
	sh.frame = protocol.AppendResponse(sh.frame[:0], status, body, protocol.IsHead(arrived))
	s.conn.SendLast(sh.frame)
	sh.dropHandshake(s)
	s.state = stateClosed
	s.conn.Finish()
	return true
}

// handOff gives a plain HTTP request, with everything that has arrived of it, to the sidecar. net/http takes no
// empty line before it. The socket counts for its address until the sidecar has closed it.
func (sh *shard) handOff(s *session, arrived []byte) {
	counted := s.network
	closed := func() { sh.server.addresses.LeaveHandedOver(counted) }
	fd, err := s.conn.Dup()
	proxied := s.proxied || sh.request.Forwarded
	if err != nil || !sh.server.options.HandOff(fd, bytes.Clone(protocol.SkipEmptyLine(arrived)), proxied, closed) {
		refusal := reason.RefusedHTTPFull.Refusal()
		refusal.NoContent = protocol.IsHead(arrived)
		sh.refuse(s, reason.RefusedHTTPFull, refusal)
		return
	}
	sh.server.addresses.HandOver(counted)
	s.network = 0
	s.conn.Abort() // of our descriptor; the other one keeps the socket open
	sh.count.HandedOff.Add(1)
	sh.dropHandshake(s)
	s.state = stateClosed
}
