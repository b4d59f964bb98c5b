package protocol

import (
	"github.com/google/uuid"
	"github.com/valyala/fastjson"
)

const (
	// MaxIDBytes bounds a message's id between its quotes. Every reply and error repeats it.
	MaxIDBytes = 128
	// MaxTimestampBytes bounds a timestamp between its quotes. Every recipient gets it. RFC 3339 with nanoseconds and an
	// offset has 35.
	MaxTimestampBytes = 64

	uuidChars = 36
)

// Envelope is a message as a client sent it. ID, Data and Timestamp are JSON tokens as they were sent, with quotes, and
// alias the message; nil means absent.
type Envelope struct {
	ID, Data, Timestamp []byte
	Topic               []byte   // the topic's name; valid until the parser's next call
	To                  [16]byte // set if HasTo
	HasTo               bool
	Ack                 bool // the client asks for an acknowledgement
	Type                MessageType
}

// EnvelopeError is why a message is refused. The connection stays open.
type EnvelopeError struct {
	Code    string // for programs, in snake_case
	Message string // for people: how to correct it
	RefID   []byte // the message's id as a JSON token if it has a valid one; aliases the message
}

// Error returns the message.
func (e *EnvelopeError) Error() string { return e.Message }

// EnvelopeParser reads messages. It reuses its memory, which does not grow with the messages. One reactor needs one.
type EnvelopeParser struct {
	json fastjson.Parser // for escapes in strings that were validated
}

// Parse reads the payload of a text frame, which the decoder has validated as UTF-8, into e. It ignores from_user_id and
// unknown members. The caller decides which types the client may send. After an error only e.ID may be set.
func (p *EnvelopeParser) Parse(b []byte, e *Envelope) *EnvelopeError {
	*e = Envelope{}
	var o outline
	v := o.read(p, b)
	id := checkString(o.values[memberID], MaxIDBytes)
	if id == stringFits {
		e.ID = o.values[memberID]
	}
	switch {
	case v == tooDeep:
		return refuse(e, "too_deep", "nest objects and arrays at most 64 levels deep, with the message as the first")
	case v == malformed:
		return refuse(e, "malformed_json", "send one JSON object (RFC 8259) a text frame")
	case !o.object:
		return refuse(e, "not_an_object", "send one JSON object a text frame")
	case o.repeated:
		return refuse(e, "duplicate_field", "write every field of a message once")
	case id == notString:
		return refuse(e, "wrong_type", "id must be a string, or be left out")
	case id == stringTooLong:
		return refuse(e, "too_long", "id may have at most 128 bytes")
	}
	return p.fill(e, &o)
}

// fill reads the members except the id.
func (p *EnvelopeParser) fill(e *Envelope, o *outline) *EnvelopeError {
	switch checkString(o.values[memberTimestamp], MaxTimestampBytes) {
	case notString:
		return refuse(e, "wrong_type", "timestamp must be a string, or be left out")
	case stringTooLong:
		return refuse(e, "too_long", "timestamp may have at most 64 bytes")
	}
	kind := o.values[memberType]
	switch checkString(kind, longestEscaped(longestTypeName)) {
	case absent:
		return refuse(e, "missing_field", "message_type is missing")
	case notString:
		return refuse(e, "wrong_type", "message_type must be a string")
	case stringFits:
		e.Type = ParseMessageType(p.content(kind))
	}
	if e.Type == UnknownType {
		return refuse(e, "unknown_message_type", "the server does not know this message_type")
	}
	if to := o.values[memberTo]; to != nil && string(to) != "null" {
		if f := p.fillTo(e, to); f != nil {
			return f
		}
	}
	if f := p.fillTopic(e, o.values[memberTopic]); f != nil {
		return f
	}
	if f := fillAck(e, o.values[memberAck]); f != nil {
		return f
	}
	e.Data, e.Timestamp = o.values[memberData], o.values[memberTimestamp]
	return nil
}

func (p *EnvelopeParser) fillTopic(e *Envelope, topic []byte) *EnvelopeError {
	if topic == nil || string(topic) == "null" {
		return nil
	}
	if e.HasTo {
		return refuse(e, "conflicting_fields", "write to_user_id or topic, and not both")
	}
	switch checkString(topic, longestEscaped(MaxTopicBytes)) {
	case notString:
		return refuse(e, "wrong_type", "topic must be a string, null, or be left out")
	case stringFits:
		e.Topic = p.content(topic)
	}
	if !ValidTopic(e.Topic) {
		return refuse(e, "bad_topic", "topic must have 1 to 128 characters of A-Z, a-z, 0-9 and _.:-")
	}
	return nil
}

func fillAck(e *Envelope, ack []byte) *EnvelopeError {
	switch string(ack) {
	case "", "false", "null":
		return nil
	case "true":
	default:
		return refuse(e, "wrong_type", "ack must be true or false, or be left out")
	}
	if e.ID == nil {
		return refuse(e, "missing_field", "a message with ack needs an id")
	}
	e.Ack = true
	return nil
}

func (p *EnvelopeParser) fillTo(e *Envelope, to []byte) *EnvelopeError {
	switch checkString(to, longestEscaped(uuidChars)) {
	case notString:
		return refuse(e, "wrong_type", "to_user_id must be a string, null, or be left out")
	case stringFits:
		if text := p.content(to); len(text) == uuidChars {
			id, err := uuid.ParseBytes(text)
			e.To, e.HasTo = id, err == nil
		}
	}
	if !e.HasTo {
		return refuse(e, "bad_user_id", "to_user_id must be a UUID in its 36-character form")
	}
	return nil
}

// refuse returns an error for a message and leaves only the id in it.
func refuse(e *Envelope, code, message string) *EnvelopeError {
	*e = Envelope{ID: e.ID}
	return &EnvelopeError{Code: code, Message: message, RefID: e.ID}
}

// stringCheck is the result of checking a member that must be a string.
type stringCheck uint8

const (
	stringFits stringCheck = iota
	absent
	notString
	stringTooLong
)

// checkString checks a complete JSON token. limit is in bytes between the quotes, with escapes as written.
func checkString(token []byte, limit int) stringCheck {
	switch {
	case token == nil:
		return absent
	case token[0] != '"':
		return notString
	case len(token)-len(`""`) > limit:
		return stringTooLong
	}
	return stringFits
}
