package protocol

import (
	"bytes"

	"github.com/valyala/fastjson"
)

const (
	// MaxUsersAtOnce limits the users in one answer to a client. A question without a limit is for so many.
	MaxUsersAtOnce = 1000

	// maxListingBytes limits the data of such a question: a topic and a cursor take at most 250 bytes.
	maxListingBytes = 1 << 10

	// maxCursorBytes limits a cursor; those of the server are shorter.
	maxCursorBytes = 64
)

// Listing is a client's question which users are there.
type Listing struct {
	Topic string // empty: all users online
	After string // where the page begins; empty: with the first
	Limit int    // users on the page, 1 to MaxUsersAtOnce
}

// Listing returns what the data of a message asks for: {"topic":"NAME","after":"CURSOR","limit":N}, in which each member may be left out, as may
// the data. ok reports that it is written as it must be. The data must be part of a message that was parsed.
func (p *EnvelopeParser) Listing(data []byte) (w Listing, ok bool) {
	w.Limit = MaxUsersAtOnce
	if len(data) == 0 || string(bytes.TrimSpace(data)) == "null" {
		return w, true
	}
	if len(data) > maxListingBytes {
		return w, false
	}
	v, err := p.json.ParseBytes(data)
	if err != nil || v.Type() != fastjson.TypeObject {
		return w, false
	}
	ok = true
	if topic := v.Get("topic"); topic != nil {
		name, err := topic.StringBytes()
		w.Topic, ok = string(name), err == nil && ValidTopic(name)
	}
	if after := v.Get("after"); after != nil {
		cursor, err := after.StringBytes()
		w.After, ok = string(cursor), ok && err == nil && len(cursor) <= maxCursorBytes
	}
	if limit := v.Get("limit"); limit != nil {
		w.Limit, err = limit.Int()
		ok = ok && err == nil && 1 <= w.Limit && w.Limit <= MaxUsersAtOnce
	}
	return w, ok
}
