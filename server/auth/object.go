package auth

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// object walks over the members of one JSON object, without allocating, and finds out on its way whether that is JSON
// (RFC 8259), as strictly as encoding/json does. What it has shown of an object that turns out not to be sound must not
// count. It is used on texts of some kilobytes, which bounds how deep it goes.
type object struct {
	rest  []byte
	first bool // no member has been shown yet
	over  bool // its end was found, at the start of the rest
}

// openObject begins to walk. It reports false if the value is not an object.
func openObject(value []byte) (object, bool) {
	value = value[space(value):]
	if len(value) == 0 || value[0] != '{' {
		return object{}, false
	}
	return object{rest: value[1:], first: true}, true
}

// next returns a member as it is written: the name with its quotes, the value whatever it is. It reports false behind
// the last one, and where what follows is no JSON.
func (o *object) next() (name, value []byte, ok bool) {
	if !o.goesOn('}') {
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
	value, ok = o.cut()
	return name, value, ok
}

// sound reports, behind the last member, whether the whole was JSON, with nothing behind it.
func (o *object) sound() bool { return o.over && space(o.rest[1:]) == len(o.rest)-1 }

// goesOn takes what stands in front of a member or an element, or the bracket behind the last.
func (o *object) goesOn(end byte) bool {
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

// cut takes one value from the front of the rest, along with the white space in front of it.
func (o *object) cut() (value []byte, ok bool) {
	o.rest = o.rest[space(o.rest):]
	n := valueLength(o.rest)
	if n < 0 {
		return nil, false
	}
	value, o.rest = o.rest[:n], o.rest[n:]
	return value, true
}

// openArray begins to walk over the values of a JSON array. It reports false if the value is not an array.
func openArray(value []byte) (object, bool) {
	if len(value) == 0 || value[0] != '[' {
		return object{}, false
	}
	return object{rest: value[1:], first: true}, true
}

// element returns a value of an array as it is written.
func (o *object) element() (value []byte, ok bool) {
	if !o.goesOn(']') {
		return nil, false
	}
	return o.cut()
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

// nameOf is unquote for a member's name, where no text is as good as any that is not ours.
func nameOf(value []byte) []byte {
	if bytes.IndexByte(value, '\\') < 0 {
		return value[1 : len(value)-1]
	}
	text, _ := unquote(value)
	return text
}
