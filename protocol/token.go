package protocol

import "bytes"

// Token returns the token that the client sent, or nil. It may be in the query parameter "token", in Authorization:
// Bearer, or in the first subprotocol offered next to "momentum"; none of them has priority. Parse refuses a request with
// different tokens instead of choosing one.
func (h *Handshake) Token() []byte { return h.token }

func (h *Handshake) findToken() *Refusal {
	if h.authorizations.count > 1 {
		return badToken("conflicting_tokens", "send the Authorization header once")
	}
	if refusal := h.queryToken(); refusal != nil {
		return refusal
	}
	sources := [...][]byte{bearer(h.authorizations.value), nil}
	if h.subprotocol {
		sources[1] = h.offeredToken
	}
	for _, token := range sources {
		switch {
		case len(token) == 0:
		case h.token == nil:
			h.token = token
		case !bytes.Equal(h.token, token):
			return badToken("conflicting_tokens",
				"send one token: as ?token=, as Authorization: Bearer, or as the subprotocol next to momentum")
		}
	}
	return nil
}

// queryToken finds ?token= in the query.
func (h *Handshake) queryToken() *Refusal {
	const name = "token="
	for query := h.Query; len(query) > 0; {
		parameter := query
		if end := bytes.IndexByte(query, '&'); end >= 0 {
			parameter, query = query[:end], query[end+1:]
		} else {
			query = nil
		}
		if len(parameter) <= len(name) || string(parameter[:len(name)]) != name {
			continue
		}
		if h.token != nil {
			return badToken("conflicting_tokens", "send token once in the query")
		}
		if h.token = h.decode(parameter[len(name):]); h.token == nil {
			return badToken("bad_token_encoding", "the token in the query is not percent-encoded correctly")
		}
	}
	return nil
}

// decode decodes percent-encoding (RFC 3986 §2.1), and returns nil if it is malformed. A token does not need it, so this
// is for clients that encode everything.
func (h *Handshake) decode(value []byte) []byte {
	if bytes.IndexByte(value, '%') < 0 {
		return value
	}
	h.decoded = h.decoded[:0]
	for i := 0; i < len(value); i++ {
		c := value[i]
		if c == '%' {
			if i+2 >= len(value) || hexDigit(value[i+1]) < 0 || hexDigit(value[i+2]) < 0 {
				return nil
			}
			c = byte(hexDigit(value[i+1])<<4 | hexDigit(value[i+2]))
			i += 2
		}
		h.decoded = append(h.decoded, c)
	}
	return h.decoded
}

// hexDigit returns the value of a hexadecimal digit, or -1.
func hexDigit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c - 'a' + 10)
	case 'A' <= c && c <= 'F':
		return int(c - 'A' + 10)
	}
	return -1
}

// bearer returns the token of an Authorization header with the Bearer scheme (RFC 6750 §2.1), or nil.
func bearer(authorization []byte) []byte {
	const scheme = "bearer "
	if len(authorization) <= len(scheme) || !equalFold(authorization[:len(scheme)], scheme) {
		return nil
	}
	return trim(authorization[len(scheme):])
}
