package protocol

import (
	"bytes"
	"net/netip"
)

// validHost reports whether b is a host with or without a port (RFC 9110 §7.2): a name, an IPv4 address, or an IPv6
// address in brackets; then a colon and any number of digits, also none (RFC 3986 §3.2.3).
func validHost(b []byte) bool {
	name, port := b, []byte(nil)
	if end := bytes.IndexByte(b, ']'); end >= 0 {
		name, port = b[:end+1], b[end+1:]
	} else if colon := bytes.IndexByte(b, ':'); colon >= 0 {
		name, port = b[:colon], b[colon:]
	}
	if len(port) > 0 && (port[0] != ':' || !consistsOf(port[1:], inPort)) {
		return false
	}
	if len(name) > 0 && name[0] == '[' {
		address, err := netip.ParseAddr(string(name[1:max(1, len(name)-1)]))
		return err == nil && address.Is6() && address.Zone() == ""
	}
	return len(name) > 0 && consistsOf(name, inName)
}
