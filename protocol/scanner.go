package protocol

import (
	"encoding/binary"

	"github.com/valyala/fastjson"
)

// MaxDepth bounds how deep objects and arrays in a message may be nested, the message itself being the first.
// It is what fits the scanner's one word of stack, and far more than anybody writes by hand.
const MaxDepth = 64

// verdict is what a scanner found.
type verdict uint8

const (
	sound verdict = iota
	malformed
	tooDeep
)

// scanner walks JSON text (RFC 8259) once, without recursion and without allocating. It checks the structure
// itself and leaves numbers and escapes to fastjson.ValidateBytes, one token at a time, because that function,
// given the whole text, has no bound on depth (a stack overflow ends the process), formats one error per level
// (64 levels cost 100 µs and 200 KB), and lets control characters pass in front of an escape.
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

// take moves past c if that comes next.
func (s *scanner) take(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.at++
	return true
}

// value moves past one value, at most depth levels deep.
func (s *scanner) value(depth int) verdict {
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
		more, ok := s.behindValue(&open)
		if !ok {
			return malformed
		}
		if !more {
			return sound
		}
	}
}

// behindValue moves past the commas and closers that follow a value. more says that another value follows.
func (s *scanner) behindValue(open *nesting) (more, ok bool) {
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

// key moves past a member's name and colon.
func (s *scanner) key() bool {
	return s.peek() == '"' && s.string() && s.take(':')
}

// scalar moves past a value that begins with c and contains no other.
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

// string moves past a string, which begins here.
func (s *scanner) string() bool {
	start, escaped := s.at, false
	for i := start + 1; i < len(s.text); i++ {
		for i+8 <= len(s.text) && ordinary(binary.LittleEndian.Uint64(s.text[i:])) {
			i += 8
		}
		if i == len(s.text) {
			break
		}
		switch c := s.text[i]; {
		case c == '"':
			s.at = i + 1
			return !escaped || fastjson.ValidateBytes(s.text[start:s.at]) == nil
		case c == '\\':
			escaped = true
			i++
		case c < ' ':
			return false
		}
	}
	return false
}

// ordinary reports whether none of eight bytes is a quote, a backslash or a control character. Subtracting n
// from each of them borrows into the top bit of those that are below n; below 1 is where the xor found its byte.
func ordinary(eight uint64) bool {
	const each, top = 0x0101010101010101, 0x8080808080808080
	quotes, slashes := eight^each*'"', eight^each*'\\'
	return ((quotes-each)&^quotes|(slashes-each)&^slashes|(eight-each*' ')&^eight)&top == 0
}

// nesting remembers which of the open containers are objects, the innermost in the lowest bit.
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
