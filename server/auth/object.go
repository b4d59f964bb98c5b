package auth

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// object iterates over the members of a JSON object, or the elements of an array, without allocating. It checks the
// syntax on the way (RFC 8259), as strictly as encoding/json; members must not be used before valid has returned true. It
// is used for texts of a few kilobytes, which bounds the recursion.
type object struct {
	rest  []byte
	first bool // nothing has been returned yet
	over  bool // the end was found, at the start of the rest
}

// openObject begins to iterate. It returns false if the value is not an object.
func openObject(value []byte) (object, bool) {
	value = value[space(value):]
	if len(value) == 0 || value[0] != '{' {
		return object{}, false
	}
	return object{rest: value[1:], first: true}, true
}

// next returns the next member as it is written, the name with its quotes. It returns false after the last one and at a
// syntax error.
func (o *object) next() (name, value []byte, ok bool) {
	if !o.advance('}') {
		return nil, nil, false
	}
	n := stringLength(o.rest)
	if n < 0 {
		return nil, nil, false
	}
	name, o.rest = o.rest[:n], o.rest[n:]
	o.rest = o.rest[space(o.rest):]
	if len(o.rest) == 0 || o.rest[0] != ':' {
		return nil, nil, false
	}
	o.rest = o.rest[1:]
	value, ok = o.value()
	return name, value, ok
}

// valid reports, after the last member, whether the text was one JSON object and nothing else.
func (o *object) valid() bool { return o.over && space(o.rest[1:]) == len(o.rest)-1 }

// advance consumes the punctuation before a member or an element. It returns false at the closing bracket and at a
// syntax error.
func (o *object) advance(end byte) bool {
	o.rest = o.rest[space(o.rest):]
	if len(o.rest) == 0 {
		return false
	}
	first := o.first
	o.first = false
	switch {
	case o.rest[0] == end:
		o.over = true
		return false
	case first:
		return true
	case o.rest[0] != ',':
		return false
	}
	o.rest = o.rest[1:]
	o.rest = o.rest[space(o.rest):]
	return true
}

// value consumes one value, along with the white space before it.
func (o *object) value() (value []byte, ok bool) {
	o.rest = o.rest[space(o.rest):]
	n := valueLength(o.rest)
	if n < 0 {
		return nil, false
	}
	value, o.rest = o.rest[:n], o.rest[n:]
	return value, true
}

// openArray begins to iterate over an array. It returns false if the value is not an array.
func openArray(value []byte) (object, bool) {
	if len(value) == 0 || value[0] != '[' {
		return object{}, false
	}
	return object{rest: value[1:], first: true}, true
}

// element returns the next value of an array as it is written.
func (o *object) element() (value []byte, ok bool) {
	if !o.advance(']') {
		return nil, false
	}
	return o.value()
}

// unquote returns the text of a JSON string. It returns false for any other value, and for text that is not UTF-8, which
// encoding/json would silently repair.
func unquote(value []byte) ([]byte, bool) {
	if len(value) < 2 || value[0] != '"' || !utf8.Valid(value) {
		return nil, false
	}
	if bytes.IndexByte(value, '\\') < 0 {
		return value[1 : len(value)-1], true
	}
	var text string
	if json.Unmarshal(bytes.Clone(value), &text) != nil { // cloned, so that the callers' bytes stay on their stacks
		return nil, false
	}
	return []byte(text), true
}

// nameOf is unquote for the name of a member. It returns no text for an invalid one, which matches no known name.
func nameOf(value []byte) []byte {
	if bytes.IndexByte(value, '\\') < 0 {
		return value[1 : len(value)-1]
	}
	text, _ := unquote(value)
	return text
}
