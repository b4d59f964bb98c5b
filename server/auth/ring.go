package auth

import "slices"

// ring holds a verifier's keys, ready for use. It is immutable, so that a token is checked against one set of keys.
type ring struct {
	secrets []*secret
	publics []*public
	fetches bool   // more keys may be fetched
	refusal *Error // of a token whose algorithm no key has
}

func newRing(configured, fetched Keys, fetches bool) *ring {
	r := &ring{fetches: fetches}
	var accepted []Algorithm
	for _, k := range slices.Concat(configured, fetched) {
		if s := newSecret(k); s != nil {
			r.secrets = append(r.secrets, s)
		} else {
			r.publics = append(r.publics, newPublic(k))
		}
		if !slices.Contains(accepted, k.algorithm) {
			accepted = append(accepted, k.algorithm)
		}
	}
	if r.refusal = errNoKey; len(accepted) > 0 {
		r.refusal = &Error{"token_algorithm", "the token must be signed with " + join(accepted, " or ")}
	}
	return r
}

// empty reports whether every token is refused: there are no keys, and none will be fetched.
func (r *ring) empty() bool { return len(r.secrets)+len(r.publics) == 0 && !r.fetches }

// check verifies a token's signature and header.
func (r *ring) check(signed, header, payload, signature []byte) *Error {
	for _, s := range r.secrets {
		if s.verify(signed, signature) {
			return r.checkHeader(s, header)
		}
	}
	if len(header) > maxHeaderBytes {
		return errHeader
	}
	if !isBase64(header) || !isBase64(payload) || !isBase64(signature) {
		return errShape
	}
	var decoded [maxHeaderBytes]byte
	n, err := strictBase64.Decode(decoded[:], header)
	if err != nil {
		return errHeader
	}
	h, fault := parseHeader(decoded[:n])
	if fault != nil {
		return fault
	}
	return r.checkPublic(&h, signed, signature)
}

// checkHeader checks the header of a token that s has signed: it must state the algorithm of s, and no extensions.
func (r *ring) checkHeader(s *secret, header []byte) *Error {
	if good := s.header.Load(); good != nil && *good == string(header) {
		return nil
	}
	decoded, err := strictBase64.AppendDecode(nil, header)
	if err != nil {
		return errShape
	}
	h, fault := parseHeader(decoded)
	switch {
	case fault != nil:
		return fault
	case h.algorithm != s.algorithm:
		return r.refusal
	case h.critical:
		return errCritical
	}
	good := string(header)
	s.header.Store(&good)
	return nil
}

// checkPublic tries the public keys of the algorithm that the token states. The statement only selects keys; each key
// verifies with its own algorithm. Keys with another kid than the token's are skipped.
func (r *ring) checkPublic(h *header, signed, signature []byte) *Error {
	if h.algorithm == "" {
		return r.refusal
	}
	accepted, named, tried := false, false, 0
	for _, s := range r.secrets {
		accepted = accepted || s.algorithm == h.algorithm
	}
	if h.critical {
		return errCritical
	}
	for _, k := range r.publics {
		named = named || k.id == h.keyID
		if k.algorithm != h.algorithm {
			continue
		}
		accepted = true
		if k.id != "" && h.keyID != "" && k.id != h.keyID || tried == maxTried {
			continue
		}
		tried++
		if k.verify(signed, signature) {
			return nil
		}
	}
	switch {
	case r.fetches && h.keyID != "" && !named && slices.Contains(publicAlgorithms, h.algorithm):
		return errKeyUnknown
	case !accepted:
		return r.refusal
	}
	return errSignature
}
