package protocol

import (
	"bytes"
	"net/http"
)

// MaxHeadBytes bounds a request line and its headers together. Tokens and cookies of browsers are far smaller. In the
// worst case, the handshakes of all clients that connect at once are held in memory at this size.
const MaxHeadBytes = 8 << 10

// HeadEnd returns the length of the request head at the start of b with its blank line, or 0 while it is incomplete. from
// is how many bytes an earlier call has already searched, so that a request that arrives byte by byte is searched once.
// Lines that end in a bare LF count too, so that Parse refuses them at once; the server would otherwise wait for a CR that
// never comes.
func HeadEnd(b []byte, from int) int {
	i := min(max(from-2, 0), len(b)) // the bytes searched may have ended in "\n\r"
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

// SkipEmptyLine removes one empty line before the request line, which a server should ignore (RFC 9112 §2.2).
func SkipEmptyLine(head []byte) []byte { return bytes.TrimPrefix(head, []byte("\r\n")) }

// IsHead reports whether a request's method is HEAD.
func IsHead(head []byte) bool { return bytes.HasPrefix(SkipEmptyLine(head), []byte("HEAD ")) }

// HeadTooLong returns the refusal of a head that exceeds MaxHeadBytes, of which b has arrived: 414 if the request line
// alone exceeds them (RFC 9110 §15.5.15), otherwise 431 (RFC 6585 §5).
func HeadTooLong(b []byte) *Refusal {
	line := SkipEmptyLine(b[:min(len(b), MaxHeadBytes)])
	if bytes.IndexByte(line, '\n') < 0 {
		return &Refusal{
			Status: http.StatusRequestURITooLong, Code: "target_too_long",
			Message: "the request line may have at most 8192 bytes; send the token in a header",
		}
	}
	return &Refusal{
		Status: http.StatusRequestHeaderFieldsTooLarge, Code: "head_too_large",
		Message: "request line and headers together may have at most 8192 bytes; send fewer or smaller cookies",
	}
}

// cutLine cuts the first line from a head. A line ends in CR LF and nothing else (RFC 9112 §2.2); the character checks
// find a CR inside a line.
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

// class is where in a request head a byte may occur.
type class uint8

const (
	inToken  class = 1 << iota // tchar: methods and header names (RFC 9110 §5.6.2)
	inValue                    // a header's value: anything but control characters, HTAB allowed (§5.5)
	inTarget                   // a request target: visible ASCII (RFC 3986 §2)
	inName                     // a host name (RFC 3986 §3.2.2), without percent-encoding, which not all parsers decode
	inPort                     // a digit
)

// classes is not changed after it is initialised.
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

// consistsOf reports whether every byte is of the class.
func consistsOf(b []byte, where class) bool {
	for _, c := range b {
		if classes[c]&where == 0 {
			return false
		}
	}
	return true
}

// equalFold compares b with a lower-case ASCII word. It ignores the case of ASCII letters only: by Unicode's rules the
// Kelvin sign equals k, and "websoKet" written with it would be an upgrade.
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

// trim removes optional whitespace from both ends (RFC 9110 §5.6.3).
func trim(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '\t') {
		b = b[:len(b)-1]
	}
	return b
}

// cutElement cuts the first element from a comma-separated list. The caller must ignore empty elements (RFC 9110
// §5.6.1.2).
func cutElement(list []byte) (element, rest []byte) {
	comma := bytes.IndexByte(list, ',')
	if comma < 0 {
		return trim(list), nil
	}
	return trim(list[:comma]), list[comma+1:]
}
