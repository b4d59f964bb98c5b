package server

import (
	"net/http"
	"net/netip"
	"slices"

	"momentum/protocol"
	"momentum/server/admit"
	"momentum/server/reason"
)

// trusts reports whether an address is in TRUSTED_PROXIES.
func (s *Server) trusts(a netip.Addr) bool {
	return slices.ContainsFunc(s.rules.Load().TrustedProxies, func(p netip.Prefix) bool { return p.Contains(a) })
}

// attributePeer counts a new socket under the address of its peer. If the peer is a trusted proxy, only a PROXY header
// or the request tells the client's address.
func (sh *shard) attributePeer(s *session) {
	peer := s.conn.Peer()
	if sh.server.trusts(peer) {
		s.proxied, s.prefix = true, true
		return
	}
	sh.attribute(s, peer)
}

// attribute counts the socket under its client's address, and reports whether its request may be read. Above the limit
// of an address, the requests of a few more sockets are read: probes are answered, and the others get a refusal with a
// reason.
func (sh *shard) attribute(s *session, client netip.Addr) bool {
	addresses, n := sh.server.addresses, admit.NetworkOf(client)
	s.client = n
	if !addresses.Counting() || n == 0 {
		return true
	}
	switch addresses.Enter(n) {
	case admit.Crowded:
		s.crowded = true
		if used := sh.reactor.Tick() - s.seen; used+ticks(crowdedTimeout) < ticks(HandshakeTimeout) {
			s.conn.SetDeadline(ticks(crowdedTimeout))
		}
	case admit.Turned:
		sh.refuse(s, reason.RefusedAddress, reason.RefusedAddress.Refusal())
		s.conn.Abort()
		return false
	}
	s.network = n
	return true
}

// cutProxyHeader removes a PROXY header, if there is one, from the bytes that have arrived, and reports whether the request
// may be read from the rest. The client that the header names may itself be a trusted proxy.
func (sh *shard) cutProxyHeader(s *session, b []byte) (rest []byte, through bool) {
	header, refusal := protocol.ParseProxyHeader(b)
	switch {
	case refusal != nil:
		sh.refuse(s, reason.RefusedRequest, refusal)
		return nil, false
	case header.Partial:
		sh.keepHead(s, b)
		return nil, false
	}
	s.prefix = false
	rest = b[header.Len:]
	if h := s.handshake; h != nil {
		h.head = h.head[:copy(h.head, rest)]
		rest = h.head
	}
	switch {
	case !header.Source.IsValid():
	case sh.server.trusts(header.Source):
		sh.takeHandshake(s).source = header.Source
	default:
		return rest, sh.attribute(s, header.Source)
	}
	return rest, true
}

// locate counts a proxy's socket under the client of the request, if the trusted proxies name it, and otherwise under
// the last trusted proxy. It refuses a client with too many sockets at its address, and reports whether the request
// may continue.
func (sh *shard) locate(s *session, request *protocol.Handshake) bool {
	if s.proxied && s.client == 0 {
		peer := s.conn.Peer()
		if h := s.handshake; h != nil && h.source.IsValid() {
			peer = h.source
		}
		if !sh.attribute(s, request.Client(peer, sh.server.trusts)) {
			return false
		}
	}
	if s.crowded {
		sh.refuse(s, reason.RefusedAddress, reason.RefusedAddress.Refusal())
	}
	return !s.crowded
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
