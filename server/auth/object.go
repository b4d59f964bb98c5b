package auth

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// object walks over the members of one JSON object that is known to be valid JSON, without allocating. Given
// anything else it ends early; it reads nothing outside of its bytes.
type object struct{ rest []byte }

const jsonSpace = " \t\r\n"

// openObject begins to walk. It reports false if the value is not an object.
func openObject(value []byte) (object, bool) {
	rest, ok := bytes.CutPrefix(bytes.TrimLeft(value, jsonSpace), []byte{'{'})
	return object{rest}, ok
}

// next returns a member as it is written: the name with its quotes, the value whatever it is.
func (o *object) next() (name, value []byte, ok bool) {
	name = o.cut()
	if len(name) == 0 || name[0] != '"' {
		return nil, nil, false
	}
	value = o.cut()
	return name, value, len(value) > 0
}

// cut takes one value from the front of the rest, along with the punctuation before it.
func (o *object) cut() []byte {
	start := bytes.TrimLeft(o.rest, jsonSpace+":,")
	n := valueLength(start)
	o.rest = start[n:]
	return start[:n]
}

// valueLength returns how many bytes the JSON value at the start of b takes.
func valueLength(b []byte) int {
	depth, at := 0, 0
	for at < len(b) {
		switch b[at] {
		case '"':
			at += stringLength(b[at:])
		case '{', '[':
			depth, at = depth+1, at+1
		case '}', ']':
			depth, at = depth-1, at+1
		case ',', ':', ' ', '\t', '\r', '\n':
			at++
		default:
			at += literalLength(b[at:])
		}
		if depth <= 0 {
			break
		}
	}
	return at
}

// stringLength returns how many bytes the string at the start of b takes, with its quotes.
func stringLength(b []byte) int {
	for at := 1; at < len(b); at++ {
		switch b[at] {
		case '\\':
			at++
		case '"':
			return at + 1
		}
	}
	return len(b)
}

// literalLength returns how many bytes the number, true, false or null at the start of b takes.
func literalLength(b []byte) int {
	if n := bytes.IndexAny(b, ",:]}"+jsonSpace); n >= 0 {
		return n
	}
	return len(b)
}

// unquote returns what a JSON string stands for. It reports false for any other value, and for text that is
// not UTF-8, which encoding/json would mend in silence.
func unquote(value []byte) ([]byte, bool) {
	if len(value) < 2 || value[0] != '"' || !utf8.Valid(value) {
		return nil, false
	}
	if bytes.IndexByte(value, '\\') < 0 {
		return value[1 : len(value)-1], true
	}
	var text string
	if json.Unmarshal(bytes.Clone(value), &text) != nil { // cloned, or every caller's bytes would be on the heap
		return nil, false
	}
	return []byte(text), true
}

// unquoted is unquote for names, where no text is as good as another name.
func unquoted(value []byte) []byte {
	text, _ := unquote(value)
	return text
}

// openArray begins to walk over the values of a JSON array. It reports false if the value is not an array.
func openArray(value []byte) (object, bool) {
	rest, ok := bytes.CutPrefix(bytes.TrimLeft(value, jsonSpace), []byte{'['})
	return object{rest}, ok
}

// element returns a value of an array as it is written.
func (o *object) element() (value []byte, ok bool) {
	value = o.cut()
	return value, len(value) > 0 && value[0] != ']'
}
