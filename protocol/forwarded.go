package protocol

import (
	"bytes"
	"net/netip"
	"strings"
)

// Client returns who a request comes from that peer has passed on. A proxy appends to X-Forwarded-For the
// address it was connected to from, so only what a trusted one appended is known: the walk goes from the right
// while the one who wrote is trusted, and ends at the first who is not. An entry that is no address ends it too,
// at whoever wrote that entry. Of a peer who is not trusted the header says nothing.
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

// parseHop reads an entry: an address, or as some proxies write it, one with a port or in brackets.
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
