package protocol

import (
	"bytes"
	"strconv"
)

// Deflate is the outcome of negotiating permessage-deflate (RFC 7692) for a connection. The zero value is no compression.
// Both sides begin each message with an empty window: a connection keeps no window between messages, and one compressed
// message can go to many connections.
type Deflate uint8 // the bits of the window for the server's messages, and limited

const (
	minWindowBits = 8 // RFC 7692 §7.1.2.1
	maxWindowBits = 15

	limited Deflate = 1 << 7 // the offer limited the window, so the response must repeat the limit (§7.1.2.1)
)

// FullDeflate is compression without a limit on the server's window, as nearly all clients offer it.
const FullDeflate Deflate = maxWindowBits

// Agreed reports whether messages may be compressed.
func (d Deflate) Agreed() bool { return d != 0 }

// Full reports whether messages may be compressed with the largest window.
func (d Deflate) Full() bool { return d.windowBits() == maxWindowBits }

func (d Deflate) windowBits() uint8 { return uint8(d &^ limited) }

// NegotiateDeflate returns the outcome of the first acceptable offer of permessage-deflate (§5, §7.1). An offer with a
// parameter that is unknown, repeated or out of range is declined, and the next offer is considered.
func (h *Handshake) NegotiateDeflate() Deflate {
	for _, list := range h.Extensions {
		for len(list) > 0 {
			var offer []byte
			offer, list = cutQuoted(list, ',')
			if d := parseOffer(offer); d.Agreed() {
				return d
			}
		}
	}
	return 0
}

// parseOffer reads one offer: a name, and parameters after semicolons.
func parseOffer(offer []byte) Deflate {
	name, rest := cutQuoted(offer, ';')
	if !equalFold(trim(name), "permessage-deflate") {
		return 0
	}
	d, seen := FullDeflate, [4]bool{}
	for more := len(name) < len(offer); more; {
		var parameter []byte
		before := len(rest)
		parameter, rest = cutQuoted(rest, ';')
		more = len(parameter) < before
		which, bits, ok := parseParameter(parameter)
		if !ok || seen[which] {
			return 0
		}
		seen[which] = true
		if which == serverWindowBits {
			d = Deflate(bits) | limited
		}
	}
	return d
}

// The parameters of §7.1.
const (
	serverNoTakeover = iota
	clientNoTakeover
	serverWindowBits
	clientWindowBits
)

// parseParameter reads one parameter, and its value if it has or needs one.
func parseParameter(parameter []byte) (which int, bits uint8, ok bool) {
	name, value, valued := bytes.Cut(parameter, []byte{'='})
	name, value = trim(name), unquote(trim(value))
	switch {
	case equalFold(name, "server_no_context_takeover"):
		return serverNoTakeover, 0, !valued
	case equalFold(name, "client_no_context_takeover"):
		return clientNoTakeover, 0, !valued
	case equalFold(name, "server_max_window_bits"):
		bits, ok = windowBits(value)
		return serverWindowBits, bits, ok
	case equalFold(name, "client_max_window_bits"):
		bits, ok = windowBits(value)
		return clientWindowBits, bits, ok || !valued
	}
	return 0, 0, false
}

// windowBits reads 8 to 15, without leading zeros (§7.1.2.1).
func windowBits(value []byte) (uint8, bool) {
	if len(value) == 0 || len(value) > 2 || value[0] == '0' {
		return 0, false
	}
	bits := 0
	for _, c := range value {
		if c < '0' || c > '9' {
			return 0, false
		}
		bits = bits*10 + int(c-'0')
	}
	return uint8(bits), bits >= minWindowBits && bits <= maxWindowBits
}

// cutQuoted cuts a list at the first separator outside quotes (RFC 6455 §9.1).
func cutQuoted(list []byte, separator byte) (element, rest []byte) {
	quoted := false
	for i := 0; i < len(list); i++ {
		switch c := list[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\\' && quoted:
			i++
		case c == separator && !quoted:
			return list[:i], list[i+1:]
		}
	}
	return list, nil
}

// unquote removes the quotes around a value. A value with escapes is left as it is, and is then not a number.
func unquote(value []byte) []byte {
	if n := len(value); n >= 2 && value[0] == '"' && value[n-1] == '"' {
		return value[1 : n-1]
	}
	return value
}

// appendResponse appends the extension header of the 101. It asks for no context takeover on either side, whatever was
// offered, as §7.1.1 allows a server to do.
func (d Deflate) appendResponse(dst []byte) []byte {
	if !d.Agreed() {
		return dst
	}
	dst = append(dst, "\r\nSec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover"...)
	if d&limited != 0 {
		dst = append(dst, "; server_max_window_bits="...)
		dst = strconv.AppendUint(dst, uint64(d.windowBits()), 10)
	}
	return dst
}
