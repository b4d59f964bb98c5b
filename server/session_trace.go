package server

import (
	"net/http"

	"momentum/protocol"
	"momentum/server/trace"
)

// sample begins the record of an admission whose request is complete, and returns nil if the admission is not traced. Of the peers, only
// a trusted proxy may decide that: a client could have each of its handshakes traced.
func (b *base) sample(s *session, request *protocol.Handshake) *trace.Admission {
	var parent []byte
	if s.origin.proxied {
		parent = request.Traceparent
	}
	a := b.node.options.Traces.Sample(parent, b.random)
	if a == nil {
		return nil
	}
	a.Begin = b.now().Add(-b.reactor.Moment().Since(s.life.asked))
	a.Enter(trace.Request, a.Begin)
	a.Method, a.Inquiry = http.MethodGet, s.handshake.inquires()
	if a.Inquiry && s.handshake.inquiry.noContent {
		a.Method = http.MethodHead
	}
	a.Reactor, a.Connection = b.reactor.Index(), s.handle().String()
	if s.origin.client != 0 {
		a.Address = s.origin.client.String()
	}
	return a
}
