package protocol

import (
	"bytes"
	"net/netip"
	"strings"
)

// Client returns the address of the client whose request peer has sent or passed on. A proxy appends to X-Forwarded-For
// the address of its own peer, so only the entries of trusted proxies can be believed. Client reads the list from the
// right as long as the writer of an entry is trusted, and returns the first address that is not. An entry that is not an
// address ends the search at its writer. If peer is not trusted, the header is ignored.
func (h *Handshake) Client(peer netip.Addr, trusted func(netip.Addr) bool) netip.Addr {
	for i := len(h.forwardedFor) - 1; i >= 0; i-- {
		for list := h.forwardedFor[i]; len(list) > 0 && trusted(peer); {
			comma := bytes.LastIndexByte(list, ',')
			hop := trim(list[comma+1:])
			list = list[:max(comma, 0)]
			if len(hop) == 0 {
				continue
			}
			addr, ok := parseHop(string(hop))
			if !ok {
				return peer
			}
			peer = addr
		}
	}
	return peer
}

// parseHop reads an entry: an address, which some proxies write with a port or in brackets.
func parseHop(hop string) (addr netip.Addr, ok bool) {
	if inside, bracketed := strings.CutPrefix(hop, "["); bracketed && strings.HasSuffix(hop, "]") {
		addr, _ = netip.ParseAddr(strings.TrimSuffix(inside, "]"))
		ok = addr.Is6()
	} else if both, err := netip.ParseAddrPort(hop); err == nil {
		addr, ok = both.Addr(), true
	} else {
		addr, err = netip.ParseAddr(hop)
		ok = err == nil
	}
	return addr.Unmap(), ok && addr.Zone() == ""
}
