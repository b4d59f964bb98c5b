package protocol

import (
	"github.com/google/uuid"
	"github.com/valyala/fastjson"
)

const (
	// MaxIDBytes bounds a message's id between its quotes. It is repeated in every answer and error.
	MaxIDBytes = 128
	// MaxTimestampBytes bounds a timestamp between its quotes, which is repeated to every receiver. RFC 3339
	// with nanoseconds and an offset has 35.
	MaxTimestampBytes = 64

	uuidChars = 36
)

// Envelope is a message as a client sent it. ID, Data and Timestamp are JSON tokens exactly as they were sent,
// quotes included, and alias the message; nil means absent.
type Envelope struct {
	ID, Data, Timestamp []byte
	To                  [16]byte // meant only if HasTo
	HasTo               bool
	Type                MessageType
}

// EnvelopeError says why a message is not acted on. The connection stays open.
type EnvelopeError struct {
	Code    string // for programs, in snake_case
	Message string // for people: what to do about it
	RefID   []byte // the message's id as a JSON token, if a valid one could be read; aliases the message
}

// Error returns what to do about it.
func (e *EnvelopeError) Error() string { return e.Message }

// EnvelopeParser reads messages. It reuses its memory, which does not grow with the messages; one reactor
// needs one.
type EnvelopeParser struct {
	json fastjson.Parser // for escapes, in strings that were validated
}

// Parse reads the payload of a text frame, which the decoder has found to be UTF-8, into e. from_user_id and
// members it does not know are left out, whatever they are. Who may send which type is the caller's to say.
// After an error only e.ID may be set.
func (p *EnvelopeParser) Parse(b []byte, e *Envelope) *EnvelopeError {
	*e = Envelope{}
	var o outline
	v := o.read(p, b)
	idFault := judgeString(o.values[memberID], MaxIDBytes)
	if idFault == sizeFits {
		e.ID = o.values[memberID]
	}
	switch {
	case v == tooDeep:
		return fault(e, "too_deep", "nest objects and arrays at most 64 deep, the message included")
	case v == malformed:
		return fault(e, "malformed_json", "send one JSON object (RFC 8259) a text frame")
	case !o.object:
		return fault(e, "not_an_object", "send one JSON object a text frame")
	case o.repeated:
		return fault(e, "duplicate_field", "write every field of a message once")
	case idFault == notString:
		return fault(e, "wrong_type", "id must be a string, or be left out")
	case idFault == sizeExceeded:
		return fault(e, "too_long", "id may have 128 bytes at the most")
	}
	return p.fill(e, &o)
}

// fill reads the members other than the id.
func (p *EnvelopeParser) fill(e *Envelope, o *outline) *EnvelopeError {
	switch judgeString(o.values[memberTimestamp], MaxTimestampBytes) {
	case notString:
		return fault(e, "wrong_type", "timestamp must be a string, or be left out")
	case sizeExceeded:
		return fault(e, "too_long", "timestamp may have 64 bytes at the most")
	}
	kind := o.values[memberType]
	switch judgeString(kind, longestEscaped(longestTypeName)) {
	case absent:
		return fault(e, "missing_field", "message_type is missing")
	case notString:
		return fault(e, "wrong_type", "message_type must be a string")
	case sizeFits:
		e.Type = ParseMessageType(p.content(kind))
	}
	if e.Type == UnknownType {
		return fault(e, "unknown_message_type", "message_type is none that this server knows")
	}
	if to := o.values[memberTo]; to != nil && string(to) != "null" {
		if f := p.fillTo(e, to); f != nil {
			return f
		}
	}
	e.Data, e.Timestamp = o.values[memberData], o.values[memberTimestamp]
	return nil
}

func (p *EnvelopeParser) fillTo(e *Envelope, to []byte) *EnvelopeError {
	switch judgeString(to, longestEscaped(uuidChars)) {
	case notString:
		return fault(e, "wrong_type", "to_user_id must be a string, null, or be left out")
	case sizeFits:
		if said := p.content(to); len(said) == uuidChars {
			id, err := uuid.ParseBytes(said)
			e.To, e.HasTo = id, err == nil
		}
	}
	if !e.HasTo {
		return fault(e, "bad_user_id", "to_user_id must be a UUID in its 36-character form")
	}
	return nil
}

// fault makes an error of a message, and leaves nothing but the id in it.
func fault(e *Envelope, code, message string) *EnvelopeError {
	*e = Envelope{ID: e.ID}
	return &EnvelopeError{Code: code, Message: message, RefID: e.ID}
}

// stringFault is what can be wrong with a member that must be a string.
type stringFault uint8

const (
	sizeFits stringFault = iota
	absent
	notString
	sizeExceeded
)

// judgeString looks at a whole JSON token. Its size is what stands between the quotes, escapes as written.
func judgeString(token []byte, most int) stringFault {
	switch {
	case token == nil:
		return absent
	case token[0] != '"':
		return notString
	case len(token)-len(`""`) > most:
		return sizeExceeded
	}
	return sizeFits
}
