// Package auth signs and verifies the tokens that users connect with, JWTs (RFC 7519) signed with a secret or a key pair
// (RFC 7518 §3, RFC 8037), and keeps the revoked ones. It knows nothing of connections. Of the sources of keys it knows
// the PEM form, and of the directory only the user id of an e-mail address.
package auth

import (
	"bytes"
	"sync"
	"sync/atomic"
	"time"
)

// Options are the requirements on tokens besides a signature.
type Options struct {
	Now      func() time.Time
	Issuer   string // required iss; if empty, iss is not checked
	Audience string // required in aud; if empty, aud is not checked
}

// Verifier verifies tokens that were signed with one of its keys. It is safe for concurrent use.
type Verifier struct {
	options   Options
	required  claimSet // iss and aud, if options require them
	decodings sync.Pool
	ring      atomic.Pointer[ring]
	missed    chan struct{}

	mu         sync.Mutex // held to change the keys, and the ring that is made of them
	configured Keys
	fetched    Keys
	fetches    bool
}

// decoding is the memory for decoding one token's claims.
type decoding struct {
	payload
	text []byte
}

// NewVerifier returns a verifier for tokens signed with one of keys. Without keys it refuses all tokens.
func NewVerifier(keys Keys, options Options) *Verifier {
	v := &Verifier{options: options, missed: make(chan struct{}, 1)}
	if options.Issuer != "" {
		v.required |= claimIssuer
	}
	if options.Audience != "" {
		v.required |= claimAudience
	}
	v.decodings.New = func() any { return &decoding{text: make([]byte, MaxTokenBytes)} }
	v.SetKeys(keys)
	return v
}

// SetKeys replaces the keys that NewVerifier was given. It may be called while tokens are verified, and affects no
// connection that exists.
func (v *Verifier) SetKeys(keys Keys) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.configured = keys
	v.ring.Store(newRing(v.configured, v.fetched, v.fetches))
}

// SetFetched replaces the keys that are fetched and change by themselves; they are used in addition to those of SetKeys.
// After the first call, with or without keys, a token that names an unknown key is refused with token_key_unknown and
// reported through Missed.
func (v *Verifier) SetFetched(keys Keys) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.fetched, v.fetches = keys, true
	v.ring.Store(newRing(v.configured, v.fetched, v.fetches))
}

// Missed receives a value when a token names an unknown key, so that keys can be fetched anew. It is buffered; Verify
// never waits. A forged token can name any key, so the receiver has to limit how often it fetches.
func (v *Verifier) Missed() <-chan struct{} { return v.missed }

// Slow reports whether any key is a public key: verifying with one takes tens of microseconds instead of two.
func (v *Verifier) Slow() bool { return len(v.ring.Load().publics) > 0 }

// Verify returns the claims of a token, or the reason for refusing it. It does not keep the token.
//
// The order of the checks limits the cost of a forged token. Length, shape and the signatures of secrets need no
// allocation, and without a valid signature nothing is decoded but a short header, to find a public key.
func (v *Verifier) Verify(token []byte) (Claims, *Error) {
	r := v.ring.Load()
	switch {
	case len(token) == 0:
		return Claims{}, errMissing
	case len(token) > MaxTokenBytes:
		return Claims{}, errTooLong
	case r.empty():
		return Claims{}, errNoKey
	}
	header, payload, signature, ok := split(token)
	if !ok {
		return Claims{}, errShape
	}
	signed := token[:len(header)+1+len(payload)]
	if fault := r.check(signed, header, payload, signature); fault != nil {
		if fault == errKeyUnknown {
			v.miss()
		}
		return Claims{}, fault
	}
	return v.readPayload(payload)
}

// miss reports an unknown key through Missed.
func (v *Verifier) miss() {
	select {
	case v.missed <- struct{}{}:
	default: // it has been reported, and not received yet
	}
}

// split cuts a JWT at its two dots. The signature may be empty, as it is with alg none.
func split(token []byte) (header, payload, signature []byte, ok bool) {
	header, rest, _ := bytes.Cut(token, []byte{'.'})
	payload, signature, ok = bytes.Cut(rest, []byte{'.'})
	ok = ok && len(header) > 0 && len(payload) > 0 && bytes.IndexByte(signature, '.') < 0
	return header, payload, signature, ok
}

// readPayload decodes the claims of a token whose signature and header are valid.
func (v *Verifier) readPayload(encoded []byte) (Claims, *Error) {
	d := v.decodings.Get().(*decoding)
	defer v.decodings.Put(d)
	n, err := strictBase64.Decode(d.text, encoded)
	if err != nil {
		return Claims{}, errPayload
	}
	d.payload = payload{required: v.required}
	if fault := d.decode(d.text[:n]); fault != nil {
		return Claims{}, fault
	}
	if fault := d.validate(&v.options, v.options.Now().Unix()); fault != nil {
		return Claims{}, fault
	}
	return d.Claims, nil
}
