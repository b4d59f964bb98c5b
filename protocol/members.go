package protocol

import "bytes"

// member is one of the fields a message may have at its top level.
type member uint8

const (
	memberType member = iota
	memberID
	memberData
	memberTimestamp
	memberTo
	memberFrom
	members
	otherMember = members
)

// longestEscaped is the length in bytes of a token whose every character is written \uXXXX, quotes included.
func longestEscaped(characters int) int { return len(`\u0000`)*characters + len(`""`) }

// memberNamed returns the member of that name.
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
	}
	return otherMember
}

// outline is where the known members of a message lie.
type outline struct {
	values   [members][]byte // whole tokens; nil: absent
	repeated bool            // one of them is there twice
	object   bool            // the message is an object
}

// read outlines a message. What was found before a fault stays.
func (o *outline) read(p *EnvelopeParser, text []byte) verdict {
	s := scanner{text: text}
	if o.object = s.take('{'); !o.object {
		return s.end(s.value(MaxDepth))
	}
	if s.take('}') {
		return s.end(sound)
	}
	for {
		found, start, v := o.member(p, &s)
		if v != sound {
			return v
		}
		o.note(found, text[start:s.at])
		if s.take('}') {
			return s.end(sound)
		}
		if !s.take(',') {
			return malformed
		}
	}
}

// note keeps a member's value: the first, if there are several.
func (o *outline) note(found member, value []byte) {
	switch {
	case found == otherMember:
	case o.values[found] != nil:
		o.repeated = true
	default:
		o.values[found] = value
	}
}

// member moves past one member and says which it is and where its value starts.
func (o *outline) member(p *EnvelopeParser, s *scanner) (found member, start int, v verdict) {
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

// end turns a sound verdict into a malformed one if anything follows.
func (s *scanner) end(v verdict) verdict {
	if s.peek(); v == sound && s.at < len(s.text) {
		return malformed
	}
	return v
}

// memberOf identifies a member by its name as written: quotes, perhaps escapes, and what follows the quotes.
func (p *EnvelopeParser) memberOf(written []byte) member {
	token := written[:bytes.LastIndexByte(written, '"')+1]
	if len(token) > longestEscaped(len("message_type")) {
		return otherMember
	}
	return memberNamed(p.content(token))
}

// content returns what a string token says. It is valid until the next call. The caller bounds the token,
// since the parser keeps a copy.
func (p *EnvelopeParser) content(token []byte) []byte {
	if bytes.IndexByte(token, '\\') < 0 {
		return token[1 : len(token)-1]
	}
	v, err := p.json.ParseBytes(token)
	if err != nil {
		return nil
	}
	said, _ := v.StringBytes()
	return said
}
