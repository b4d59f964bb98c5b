package protocol

import "bytes"

// maxRefreshToken bounds a token in a message, between its quotes: what fits a request's head, as in a handshake.
const maxRefreshToken = MaxHeadBytes

// Token returns the token in a refresh message's data: {"token":"…"}, with or without other members. It is valid until
// the next call of the parser, and ok says that there is one, and one only.
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
		if s.value(MaxDepth-1) != sound || named && found != nil {
			return nil, false
		}
		if named {
			found = data[start:s.at]
		}
		if !s.take(',') {
			break
		}
	}
	if !s.take('}') || judgeString(found, maxRefreshToken) != sizeFits {
		return nil, false
	}
	return p.content(found), true
}

// isToken says whether a member's name, as written with what follows its quotes, is "token".
func (p *EnvelopeParser) isToken(written []byte) bool {
	token := written[:bytes.LastIndexByte(written, '"')+1]
	return len(token) <= longestEscaped(len("token")) && string(p.content(token)) == "token"
}
