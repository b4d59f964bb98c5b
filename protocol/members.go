package protocol

import "bytes"

// member is a field that a message may have at its top level.
type member uint8

const (
	memberType member = iota
	memberID
	memberData
	memberTimestamp
	memberTo
	memberFrom
	memberTopic
	memberAck
	members
	otherMember = members
)

// longestEscaped is the length in bytes of a token that writes every character as \uXXXX, with its quotes.
func longestEscaped(characters int) int { return len(`\u0000`)*characters + len(`""`) }

// memberNamed returns the member with that name.
func memberNamed(name []byte) member {
	switch string(name) {
	case "message_type":
		return memberType
	case "id":
		return memberID
	case "data":
		return memberData
	case "timestamp":
		return memberTimestamp
	case "to_user_id":
		return memberTo
	case "from_user_id":
		return memberFrom
	case "topic":
		return memberTopic
	case "ack":
		return memberAck
	}
	return otherMember
}

// outline is where the known members of a message are.
type outline struct {
	values   [members][]byte // complete tokens; nil: absent
	repeated bool            // a member occurs twice
	object   bool            // the message is an object
}

// read outlines a message. After an error, the members before it are kept.
func (o *outline) read(p *EnvelopeParser, text []byte) syntax {
	s := scanner{text: text}
	if o.object = s.take('{'); !o.object {
		return s.end(s.value(MaxDepth))
	}
	if s.take('}') {
		return s.end(valid)
	}
	for {
		found, start, v := o.member(p, &s)
		if v != valid {
			return v
		}
		o.record(found, text[start:s.at])
		if s.take('}') {
			return s.end(valid)
		}
		if !s.take(',') {
			return malformed
		}
	}
}

// record stores a member's value. If there are several, it keeps the first.
func (o *outline) record(found member, value []byte) {
	switch {
	case found == otherMember:
	case o.values[found] != nil:
		o.repeated = true
	default:
		o.values[found] = value
	}
}

// member moves past one member and returns which it is and where its value starts.
func (o *outline) member(p *EnvelopeParser, s *scanner) (found member, start int, v syntax) {
	s.peek()
	name := s.at
	if !s.key() {
		return otherMember, 0, malformed
	}
	found = p.memberOf(s.text[name:s.at])
	s.peek()
	start = s.at
	return found, start, s.value(MaxDepth - 1)
}

// end returns v, or malformed if anything follows a valid value.
func (s *scanner) end(v syntax) syntax {
	if s.peek(); v == valid && s.at < len(s.text) {
		return malformed
	}
	return v
}

// memberOf returns the member with a name as it is written: with quotes, escapes, and the space and colon after it.
func (p *EnvelopeParser) memberOf(written []byte) member {
	token := written[:bytes.LastIndexByte(written, '"')+1]
	if m := memberNamed(token[1 : len(token)-1]); m != otherMember || len(token) > longestEscaped(len("message_type")) {
		return m
	}
	return memberNamed(p.content(token))
}

// content returns the decoded content of a string token. It is valid until the next call. The caller bounds the token's
// length, because the parser keeps a copy.
func (p *EnvelopeParser) content(token []byte) []byte {
	if bytes.IndexByte(token, '\\') < 0 {
		return token[1 : len(token)-1]
	}
	v, err := p.json.ParseBytes(token)
	if err != nil {
		return nil
	}
	decoded, _ := v.StringBytes()
	return decoded
}
