package server

import (
	"net/http"
	"net/netip"

	"momentum/protocol"
	"momentum/server/admit"
	"momentum/server/reason"
)

// attributePeer counts a new socket under the address of its peer. If the peer is a trusted proxy, only a PROXY header
// or the request tells the client's address.
func (q *handshakes) attributePeer(s *session) {
	peer := s.conn.Peer()
	if q.node.trusts(peer) {
		s.origin.proxied, s.origin.prefix = true, true
		return
	}
	q.attribute(s, peer)
}

// attribute counts the socket under its client's address, and reports whether its request may be read. Above the limit
// of an address, the requests of a few more sockets are read: probes are answered, and the others get a refusal with a
// reason.
func (q *handshakes) attribute(s *session, client netip.Addr) bool {
	addresses, n := q.node.addresses, admit.NetworkOf(client)
	s.origin.client = n
	if !addresses.Counting() || n == 0 {
		return true
	}
	switch addresses.Enter(n) {
	case admit.Crowded:
		s.origin.crowded = true
		if used := q.reactor.Tick() - s.life.seen; used+ticks(crowdedTimeout) < ticks(HandshakeTimeout) {
			s.conn.SetDeadline(ticks(crowdedTimeout))
		}
	case admit.Turned:
		q.refuse(s, reason.RefusedAddress, reason.RefusedAddress.Refusal())
		s.conn.Abort()
		return false
	}
	s.origin.counted = true
	return true
}

// cutProxyHeader removes a PROXY header, if there is one, from the bytes that have arrived, and reports whether the request
// may be read from the rest. The client that the header names may itself be a trusted proxy.
func (q *handshakes) cutProxyHeader(s *session, b []byte) (rest []byte, through bool) {
	header, refusal := protocol.ParseProxyHeader(b)
	switch {
	case refusal != nil:
		q.refuse(s, reason.RefusedRequest, refusal)
		return nil, false
	case header.Partial:
		q.keepHead(s, b)
		return nil, false
	}
	s.origin.prefix = false
	rest = b[header.Len:]
	if h := s.handshake; h != nil {
		h.head = h.head[:copy(h.head, rest)]
		rest = h.head
	}
	switch {
	case !header.Source.IsValid():
	case q.node.trusts(header.Source):
		q.take(s).source = header.Source
	default:
		return rest, q.attribute(s, header.Source)
	}
	return rest, true
}

// locate counts a proxy's socket under the client of the request, if the trusted proxies name it, and otherwise under
// the last trusted proxy. It refuses a client with too many sockets at its address, and reports whether the request
// may continue.
func (q *handshakes) locate(s *session, request *protocol.Handshake) bool {
	if s.origin.proxied && s.origin.client == 0 {
		peer := s.conn.Peer()
		if h := s.handshake; h != nil && h.source.IsValid() {
			peer = h.source
		}
		if !q.attribute(s, request.Client(peer, q.node.trusts)) {
			return false
		}
	}
	if s.origin.crowded {
		q.refuse(s, reason.RefusedAddress, reason.RefusedAddress.Refusal())
	}
	return !s.origin.crowded
}

// explain replaces a refusal if the request begins with a PROXY header that was not expected: the operator has
// probably not listed the proxy. A second PROXY header, or one from an untrusted peer, is not believed.
func explain(b []byte, refusal *protocol.Refusal) *protocol.Refusal {
	if header, broken := protocol.ParseProxyHeader(b); header.Len == 0 && broken == nil {
		return refusal
	}
	return &protocol.Refusal{Status: http.StatusBadRequest, Code: refusal.Code,
		Message: "a PROXY header is taken once, and only from an address that the operator has named in TRUSTED_PROXIES"}
}
