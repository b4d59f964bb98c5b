package protocol

import (
	"bytes"
	"encoding/binary"
	"net/netip"
)

// The PROXY protocol: a header in which a proxy that passes on bytes names its client
// (https://www.haproxy.org/download/3.2/doc/proxy-protocol.txt). Version 1 is a line, version 2 is binary.
const (
	proxyLine      = "PROXY "
	proxySignature = "\r\n\r\n\x00\r\nQUIT\n"

	// maxProxyLine is the length of the longest possible line, with CR LF (§2.1).
	maxProxyLine = 107

	// maxProxyBlock bounds the addresses and TLVs after the fixed part of a version 2 header. The largest TLV is a
	// client's certificate of one or two KiB. The length field could announce 64 KiB.
	maxProxyBlock = 4 << 10

	// proxyFixed is the fixed part: the signature, version and command, family and transport, length.
	proxyFixed = len(proxySignature) + 4
)

// ProxyHeader is the PROXY header at the start of a connection.
type ProxyHeader struct {
	Source  netip.Addr // the proxy's client; not valid if the header names none, or if the proxy connects for itself (LOCAL)
	Len     int        // in bytes; 0: there is none
	Partial bool       // the bytes so far may be the beginning of one
}

// ParseProxyHeader reads a PROXY header, if there is one, at the start of b, which is all that has arrived so far.
func ParseProxyHeader(b []byte) (ProxyHeader, *Refusal) {
	switch {
	case begins(b, proxyLine):
		return parseProxyLine(b)
	case begins(b, proxySignature):
		return parseProxyBinary(b)
	}
	return ProxyHeader{}, nil
}

// begins reports whether b begins with the signature, or is a beginning of it.
func begins(b []byte, signature string) bool {
	n := min(len(b), len(signature))
	return string(b[:n]) == signature[:n]
}

func badProxyHeader(message string) (ProxyHeader, *Refusal) {
	return ProxyHeader{}, badRequest("the PROXY header before the request is malformed: " + message)
}

// parseProxyLine reads version 1 (§2.1): PROXY, TCP4 or TCP6, source, destination, their ports. After UNKNOWN the rest of
// the line is ignored.
func parseProxyLine(b []byte) (ProxyHeader, *Refusal) {
	end := bytes.IndexByte(b[:min(len(b), maxProxyLine)], '\n')
	switch {
	case end < 0 && len(b) < maxProxyLine:
		return ProxyHeader{Partial: true}, nil
	case end < 0:
		return badProxyHeader("its line has more than 107 bytes")
	case b[end-1] != '\r':
		return badProxyHeader("its line must end in CR LF")
	}
	var words [5][]byte
	found, line := 0, b[len(proxyLine):end-1]
	for more := true; more; found++ {
		var word []byte
		word, line, more = bytes.Cut(line, []byte{' '})
		if found < len(words) {
			words[found] = word
		}
	}
	header := ProxyHeader{Len: end + 1}
	if string(words[0]) == "UNKNOWN" {
		return header, nil
	}
	source, ok := proxyAddress(words[0], words[1])
	_, ok2 := proxyAddress(words[0], words[2])
	if found != len(words) || !ok || !ok2 || !validPort(words[3]) || !validPort(words[4]) {
		return badProxyHeader("its line must be PROXY, TCP4 or TCP6, two addresses and two ports, with single spaces between them")
	}
	header.Source = source
	return header, nil
}

// proxyAddress reads an address of a line. A TCP6 line may have IPv4, which nginx writes when the two ends are of different
// families.
func proxyAddress(family, text []byte) (addr netip.Addr, ok bool) {
	addr, err := netip.ParseAddr(string(text))
	if err != nil || addr.Zone() != "" || string(family) != "TCP6" && (string(family) != "TCP4" || !addr.Is4()) {
		return netip.Addr{}, false
	}
	return addr.Unmap(), true
}

// validPort reports whether text is a decimal number up to 65535 without leading zeros.
func validPort(text []byte) bool {
	port := 0
	for _, c := range text {
		if !isDigit(c) {
			return false
		}
		port = port*10 + int(c-'0')
	}
	return len(text) > 0 && len(text) <= 5 && port <= 0xffff && (text[0] != '0' || len(text) == 1)
}

// parseProxyBinary reads version 2 (§2.2). It refuses a malformed header as soon as the wrong bytes have arrived.
func parseProxyBinary(b []byte) (ProxyHeader, *Refusal) {
	if len(b) < proxyFixed {
		return ProxyHeader{Partial: true}, nil
	}
	fixed := b[len(proxySignature):proxyFixed]
	command, family, block := fixed[0], fixed[1], int(binary.BigEndian.Uint16(fixed[2:]))
	const local, relayed = 0x20, 0x21
	size, source := addressBlock(family)
	switch {
	case command != local && command != relayed:
		return badProxyHeader("its version and command must be 0x20 or 0x21")
	case size < 0:
		return badProxyHeader("its address family and transport are unknown")
	case block > maxProxyBlock:
		return badProxyHeader("it has more than 4096 bytes after its fixed part")
	case command == relayed && block < size:
		return badProxyHeader("its length has no room for its addresses")
	case len(b) < proxyFixed+block:
		return ProxyHeader{Partial: true}, nil
	}
	header := ProxyHeader{Len: proxyFixed + block}
	if command == relayed && source > 0 {
		addr, _ := netip.AddrFromSlice(b[proxyFixed : proxyFixed+source])
		header.Source = addr.Unmap()
	}
	return header, nil
}

// addressBlock returns how many bytes the addresses of a family and transport take, -1 if it is unknown, and how many of
// them are the source of a TCP connection. Families other than TCP do not name the client.
func addressBlock(family byte) (size, source int) {
	switch family {
	case 0x00: // unspecified
		return 0, 0
	case 0x11: // TCP over IPv4: two addresses, two ports
		return 12, 4
	case 0x21: // TCP over IPv6
		return 36, 16
	case 0x12: // UDP over IPv4
		return 12, 0
	case 0x22: // UDP over IPv6
		return 36, 0
	case 0x31, 0x32: // UNIX stream and datagram
		return 216, 0
	}
	return -1, 0
}
