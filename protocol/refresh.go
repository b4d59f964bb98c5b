package protocol

import "bytes"

// maxRefreshToken bounds a token in a message, between its quotes: as long as a request head may be, as in a handshake.
const maxRefreshToken = MaxHeadBytes

// Token returns the token in the data of a refresh message: {"token":"…"}, with or without other members. It is valid until
// the next call of the parser. ok reports that there is exactly one.
func (p *EnvelopeParser) Token(data []byte) (token []byte, ok bool) {
	s := scanner{text: data}
	if !s.take('{') || s.take('}') {
		return nil, false
	}
	var found []byte
	for {
		s.peek()
		name := s.at
		if !s.key() {
			return nil, false
		}
		named := p.isToken(data[name:s.at])
		s.peek()
		start := s.at
		if s.value(MaxDepth-1) != valid || named && found != nil {
			return nil, false
		}
		if named {
			found = data[start:s.at]
		}
		if !s.take(',') {
			break
		}
	}
	if !s.take('}') || checkString(found, maxRefreshToken) != stringFits {
		return nil, false
	}
	return p.content(found), true
}

// isToken reports whether a member's name is "token". written is the name with its quotes, and the space and colon after it.
func (p *EnvelopeParser) isToken(written []byte) bool {
	token := written[:bytes.LastIndexByte(written, '"')+1]
	return len(token) <= longestEscaped(len("token")) && string(p.content(token)) == "token"
}
