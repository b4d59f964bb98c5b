package auth

// header is what counts of a token's JOSE header (RFC 7515 §4.1). The members jwk, jku, x5c and x5u, with which a
// token would bring the key it is checked with, are passed over like all others.
type header struct {
	algorithm Algorithm // empty if it is none of ours
	keyID     string    // empty if it names no key
	critical  bool      // it has crit: whatever that lists must be understood, and nothing is (RFC 7515 §4.1.11)
}

// parseHeader reads the header of a token that anybody may have written. Names are exact, and a member that matters
// may be there once: two parsers must not read two algorithms.
func parseHeader(text []byte) (header, *Error) {
	var h header
	object, ok := openObject(text)
	if !ok {
		return h, errHeader
	}
	var algorithm, keyID bool
	for {
		name, value, more := object.next()
		if !more {
			break
		}
		sound := true
		switch string(nameOf(name)) {
		case "alg":
			sound, algorithm = !algorithm && h.takeAlgorithm(value), true
		case "kid":
			sound, keyID = !keyID && h.takeKeyID(value), true
		case "crit":
			h.critical = true
		}
		if !sound {
			return header{}, errHeader
		}
	}
	if !object.sound() {
		return header{}, errHeader
	}
	return h, nil
}

// takeAlgorithm reports false for what is no text. A name that is not one of ours is left out: it is refused
// whatever it is, "none" in all its spellings among them. null counts as not stated.
func (h *header) takeAlgorithm(value []byte) bool {
	text, ok := unquote(value)
	switch a := string(text); Algorithm(a) {
	case HS256, HS384, HS512, RS256, ES256, EdDSA:
		h.algorithm = Algorithm(a)
	}
	return ok || string(value) == "null"
}

func (h *header) takeKeyID(value []byte) bool {
	text, ok := unquote(value)
	h.keyID = string(text)
	return ok || string(value) == "null"
}
