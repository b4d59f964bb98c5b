package auth

// header holds the members of a token's JOSE header that count (RFC 7515 §4.1). jwk, jku, x5c and x5u, with which a token
// would bring the key to check it with, are ignored like all others.
type header struct {
	algorithm Algorithm // empty if it is unknown
	keyID     string    // empty if it names no key
	critical  bool      // it has crit, a list of extensions that must be understood: none is (RFC 7515 §4.1.11)
}

// parseHeader parses a header that is not yet verified. Names must match exactly, and each member that is used may
// occur only once: otherwise two parsers could read two algorithms.
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
		ok := true
		switch string(nameOf(name)) {
		case "alg":
			ok, algorithm = !algorithm && h.takeAlgorithm(value), true
		case "kid":
			ok, keyID = !keyID && h.takeKeyID(value), true
		case "crit":
			h.critical = true
		}
		if !ok {
			return header{}, errHeader
		}
	}
	if !object.valid() {
		return header{}, errHeader
	}
	return h, nil
}

// takeAlgorithm returns false for a value that is not a string. An unknown name, such as "none" in any spelling, leaves
// the algorithm empty, which is refused. null counts as absent.
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
