package protocol

import (
	"encoding/binary"
	"math/bits"

	"github.com/valyala/fastjson"
)

// MaxDepth bounds the nesting of objects and arrays in a message; the message itself is the first level. As many
// levels fit in the scanner's one word of stack, and people write far fewer.
const MaxDepth = 64

// syntax is the result of scanning a text.
type syntax uint8

const (
	valid syntax = iota
	malformed
	tooDeep
)

// scanner reads JSON text (RFC 8259) once, without recursion and without allocating. It checks the structure itself and
// calls fastjson.ValidateBytes for numbers and for strings with escapes, one token at a time. Called with a complete
// message, that function has no bound on depth (a stack overflow ends the process), formats one error per level (64 levels
// cost 100 µs and 200 KB), and accepts control characters before an escape.
type scanner struct {
	text []byte
	at   int
}

// peek returns the next byte that is not whitespace, or 0, which no JSON begins with.
func (s *scanner) peek() byte {
	for ; s.at < len(s.text); s.at++ {
		switch c := s.text[s.at]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

// take moves past c if it comes next.
func (s *scanner) take(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.at++
	return true
}

// value moves past one value, at most depth levels deep.
func (s *scanner) value(depth int) syntax {
	open := nesting{}
	for {
		if c := s.peek(); c == '{' || c == '[' {
			if open.depth == depth {
				return tooDeep
			}
			s.at++
			open.push(c == '{')
			if !s.take(open.closer()) {
				if open.object() && !s.key() {
					return malformed
				}
				continue
			}
			open.pop()
		} else if !s.scalar(c) {
			return malformed
		}
		more, ok := s.afterValue(&open)
		if !ok {
			return malformed
		}
		if !more {
			return valid
		}
	}
}

// afterValue moves past the commas and closing brackets after a value. more reports that another value follows.
func (s *scanner) afterValue(open *nesting) (more, ok bool) {
	for open.depth > 0 {
		if s.take(',') {
			return true, !open.object() || s.key()
		}
		if !s.take(open.closer()) {
			return false, false
		}
		open.pop()
	}
	return false, true
}

// key moves past the name and the colon of a member.
func (s *scanner) key() bool {
	return s.peek() == '"' && s.string() && s.take(':')
}

// scalar moves past a value that begins with c and contains no other value.
func (s *scanner) scalar(c byte) bool {
	switch c {
	case '"':
		return s.string()
	case 't':
		return s.word("true")
	case 'f':
		return s.word("false")
	case 'n':
		return s.word("null")
	}
	return s.number()
}

func (s *scanner) word(w string) bool {
	if len(s.text)-s.at < len(w) || string(s.text[s.at:s.at+len(w)]) != w {
		return false
	}
	s.at += len(w)
	return true
}

func (s *scanner) number() bool {
	start := s.at
	for s.at < len(s.text) && inNumber(s.text[s.at]) {
		s.at++
	}
	return s.at > start && fastjson.ValidateBytes(s.text[start:s.at]) == nil
}

func inNumber(c byte) bool {
	return isDigit(c) || c == '-' || c == '.' || c == 'e' || c == 'E' || c == '+'
}

// string moves past a string that begins at s.at.
func (s *scanner) string() bool {
	start, escaped := s.at, false
	for i := start + 1; i < len(s.text); i++ {
		if i += ordinary(s.text[i:]); i == len(s.text) {
			break
		}
		switch s.text[i] {
		case '"':
			s.at = i + 1
			return !escaped || fastjson.ValidateBytes(s.text[start:s.at]) == nil
		case '\\':
			escaped = true
			i++
		default: // a control character
			return false
		}
	}
	return false
}

// ordinary returns how many bytes come before the first quote, backslash or control character.
func ordinary(text []byte) (n int) {
	for ; len(text)-n >= 8; n += 8 {
		if found := special(binary.LittleEndian.Uint64(text[n:])); found != 0 {
			return n + bits.TrailingZeros64(found)/8
		}
	}
	for n < len(text) && text[n] != '"' && text[n] != '\\' && text[n] >= ' ' {
		n++
	}
	return n
}

// special returns a word whose lowest bit that is set is the top bit of the first of eight bytes that is a quote, a backslash or a
// control character; 0 if none is. Subtracting n from each byte borrows into the top bit of the bytes below n, and can make a
// byte after one of those look like one; a byte that the xor made 0 is below 1.
func special(eight uint64) uint64 {
	const each, top = 0x0101010101010101, 0x8080808080808080
	quotes, slashes := eight^each*'"', eight^each*'\\'
	return ((quotes-each)&^quotes | (slashes-each)&^slashes | (eight-each*' ')&^eight) & top
}

// nesting records which of the open containers are objects, the innermost in the lowest bit.
type nesting struct {
	depth   int
	objects uint64
}

func (n *nesting) push(object bool) {
	n.depth++
	n.objects <<= 1
	if object {
		n.objects |= 1
	}
}

func (n *nesting) pop() {
	n.depth--
	n.objects >>= 1
}

func (n *nesting) object() bool { return n.objects&1 == 1 }

func (n *nesting) closer() byte {
	if n.object() {
		return '}'
	}
	return ']'
}
