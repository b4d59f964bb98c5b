package server

import (
	"net/http"
	"net/netip"
	"slices"

	"momentum/protocol"
	"momentum/server/admit"
	"momentum/server/reason"
)

// trusts says whether an address is one of TRUSTED_PROXIES.
func (s *Server) trusts(a netip.Addr) bool {
	return slices.ContainsFunc(s.rules.Load().TrustedProxies, func(p netip.Prefix) bool { return p.Contains(a) })
}

// meet looks at a new socket's peer. Most speak for themselves and are counted before they have said anything;
// a trusted proxy says in a PROXY header or with the request for whom it speaks.
func (sh *shard) meet(s *session) {
	peer := s.conn.Peer()
	if sh.server.trusts(peer) {
		s.proxied, s.prefix = true, true
		return
	}
	sh.attribute(s, peer)
}

// attribute counts the socket under its client's address, and says whether its request may be read. Of an address that
// has as many sockets as it may, a few more are read, so that a probe is answered and others are told why they are refused.
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

// cutProxyHeader takes a PROXY header, if there is one, off what has arrived, and says whether the request may be
// read from what is left. A peer that the header names may be a trusted proxy in its turn.
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
		sh.takeHandshake(s).behind = header.Source
	default:
		return rest, sh.attribute(s, header.Source)
	}
	return rest, true
}

// locate counts a socket that a proxy has opened under the client that the request came from, as far as trusted
// proxies say who that is, or else under the last of them. It refuses a client whose address has too many, and says
// whether the request may go on.
func (sh *shard) locate(s *session, request *protocol.Handshake) bool {
	if s.proxied && s.client == 0 {
		peer := s.conn.Peer()
		if h := s.handshake; h != nil && h.behind.IsValid() {
			peer = h.behind
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

// explain names what an operator has forgotten when a PROXY header stands where a request should. No other peer's
// is believed, nor a second one.
func explain(b []byte, refusal *protocol.Refusal) *protocol.Refusal {
	if header, broken := protocol.ParseProxyHeader(b); header.Len == 0 && broken == nil {
		return refusal
	}
	return &protocol.Refusal{Status: http.StatusBadRequest, Code: refusal.Code,
		Message: "a PROXY header is taken once, and only from an address that the operator has named in TRUSTED_PROXIES"}
}
