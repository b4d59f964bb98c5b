package protocol

import (
	"bytes"
	"net/http"
)

// MaxHeadBytes bounds a request line and its headers together. Tokens and cookies of browsers stay far below;
// the handshake of a whole fleet at once is held in memory at this size in the worst case.
const MaxHeadBytes = 8 << 10

// HeadEnd returns the length of the request head at the start of b, its blank line included, or 0 while it is
// incomplete. from says how many bytes an earlier call has searched in vain, so that a request which arrives
// byte by byte is searched once. Lines that end in a bare LF count too: Parse refuses them at once, where
// waiting for a CR that never comes would not.
func HeadEnd(b []byte, from int) int {
	i := min(max(from-2, 0), len(b)) // "\n\r" may have been the last that was searched
	for {
		eol := bytes.IndexByte(b[i:], '\n')
		if eol < 0 {
			return 0
		}
		i += eol + 1
		switch rest := b[i:]; {
		case len(rest) > 0 && rest[0] == '\n':
			return i + 1
		case len(rest) > 1 && rest[0] == '\r' && rest[1] == '\n':
			return i + 2
		}
	}
}

// SkipEmptyLine takes off one empty line in front of a request line, which a server should ignore (RFC 9112 §2.2).
func SkipEmptyLine(head []byte) []byte { return bytes.TrimPrefix(head, []byte("\r\n")) }

// IsHead reports whether a request begins as one for the headers alone.
func IsHead(head []byte) bool { return bytes.HasPrefix(SkipEmptyLine(head), []byte("HEAD ")) }

// HeadTooLong is the refusal for a head that exceeds MaxHeadBytes, of which b has arrived: 414 when the
// request line alone does (RFC 9110 §15.5.15), else 431 (RFC 6585 §5).
func HeadTooLong(b []byte) *Refusal {
	line := SkipEmptyLine(b[:min(len(b), MaxHeadBytes)])
	if bytes.IndexByte(line, '\n') < 0 {
		return &Refusal{
			Status: http.StatusRequestURITooLong, Code: "target_too_long",
			Message: "the request line may have 8192 bytes at the most; send the token in a header",
		}
	}
	return &Refusal{
		Status: http.StatusRequestHeaderFieldsTooLarge, Code: "head_too_large",
		Message: "request line and headers may have 8192 bytes together; send fewer or smaller cookies",
	}
}

// cutLine takes the first line off a head. A line ends in CR LF and nothing else (RFC 9112 §2.2); a CR inside
// a line is left for the character checks to find.
func cutLine(b []byte) (line, rest []byte, refusal *Refusal) {
	eol := bytes.IndexByte(b, '\n')
	switch {
	case eol < 0:
		return nil, nil, badRequest("the request ends in the middle of a line")
	case eol == 0 || b[eol-1] != '\r':
		return nil, nil, badRequest("a line ends in a bare LF; end it in CR LF")
	}
	return b[:eol-1], b[eol+1:], nil
}

// class says where in a request head a byte may stand.
type class uint8

const (
	inToken  class = 1 << iota // tchar: methods and header names (RFC 9110 §5.6.2)
	inValue                    // a header's value: anything but control characters, HTAB allowed (§5.5)
	inTarget                   // a request target: visible ASCII (RFC 3986 §2)
	inName                     // a host's name (RFC 3986 §3.2.2), without percent-encoding: not all parsers undo it
	inPort                     // a digit
)

// classes is never written after this.
var classes = func() (table [256]class) {
	for c := range table {
		switch {
		case c == '\t', c == ' ', c >= 0x80:
			table[c] = inValue
		case c > ' ' && c < 0x7f:
			table[c] = inValue | inTarget
		}
	}
	table['#'] &^= inTarget // a fragment never leaves the client (RFC 9110 §7.1)
	alphanumeric := "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	for _, c := range "!#$%&'*+-.^_`|~" + alphanumeric {
		table[c] |= inToken
	}
	for _, c := range "-._~!$&'()*+,;=" + alphanumeric {
		table[c] |= inName
	}
	for _, c := range "0123456789" {
		table[c] |= inPort
	}
	return table
}()

// consistsOf reports whether every byte may stand there.
func consistsOf(b []byte, where class) bool {
	for _, c := range b {
		if classes[c]&where == 0 {
			return false
		}
	}
	return true
}

// equalFold compares with a lower-case ASCII word, ignoring the case of ASCII letters only: by Unicode's
// rules the Kelvin sign would be a k, and "websoKet" with it an upgrade.
func equalFold(b []byte, lower string) bool {
	if len(b) != len(lower) {
		return false
	}
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// trim takes optional whitespace off both ends (RFC 9110 §5.6.3).
func trim(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '\t') {
		b = b[:len(b)-1]
	}
	return b
}

// cutElement takes the first element off a comma-separated list. Empty elements are the caller's to ignore
// (RFC 9110 §5.6.1.2).
func cutElement(list []byte) (element, rest []byte) {
	comma := bytes.IndexByte(list, ',')
	if comma < 0 {
		return trim(list), nil
	}
	return trim(list[:comma]), list[comma+1:]
}
