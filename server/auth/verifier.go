// Package auth signs and verifies the tokens users connect with: JWTs (RFC 7519) signed with a secret or a key pair
// (RFC 7518 §3, RFC 8037). It knows nothing of connections, of where keys come from but their PEM form, and of the
// directory only the id that an e-mail address stands for.
package auth

import (
	"bytes"
	"sync"
	"sync/atomic"
	"time"
)

// Options is what a verifier asks of tokens beyond a signature.
type Options struct {
	Now      func() time.Time
	Issuer   string // iss must be this; empty: not asked
	Audience string // aud must be or hold this; empty: not asked
}

// Verifier verifies tokens that were signed with one of its keys. Any number of goroutines may use it.
type Verifier struct {
	options   Options
	asked     claimSet // of iss and aud, those that options ask for
	decodings sync.Pool
	ring      atomic.Pointer[ring]
	missed    chan struct{}

	mu      sync.Mutex // held to change what follows, and the ring that is made of it
	settled Keys
	fetched Keys
	fetches bool
}

// decoding is room to decode the claims of one token in.
type decoding struct {
	payload
	text []byte
}

// NewVerifier returns a verifier of tokens signed with one of keys. Without any key it refuses all.
func NewVerifier(keys Keys, options Options) *Verifier {
	v := &Verifier{options: options, missed: make(chan struct{}, 1)}
	if options.Issuer != "" {
		v.asked |= claimIssuer
	}
	if options.Audience != "" {
		v.asked |= claimAudience
	}
	v.decodings.New = func() any { return &decoding{text: make([]byte, MaxTokenBytes)} }
	v.SetKeys(keys)
	return v
}

// SetKeys replaces the keys that NewVerifier was given, while tokens are verified. Who is connected stays so.
func (v *Verifier) SetKeys(keys Keys) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.settled = keys
	v.ring.Store(newRing(v.settled, v.fetched, v.fetches))
}

// SetFetched replaces the keys that come from elsewhere and change by themselves; they stand beside those of SetKeys.
// From the first call on, with keys or without, a token that names a key which is not there is refused with
// token_key_unknown and told of through Missed.
func (v *Verifier) SetFetched(keys Keys) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.fetched, v.fetches = keys, true
	v.ring.Store(newRing(v.settled, v.fetched, v.fetches))
}

// Missed is sent to when a token names a key that is not there: whoever fetches keys may want to look again. It holds
// one notice; Verify never waits for it to be taken. Anybody can cause one, so it says nothing of how often to look.
func (v *Verifier) Missed() <-chan struct{} { return v.missed }

// Slow reports whether any key is one half of a pair, with which a token takes tens of microseconds and not two.
func (v *Verifier) Slow() bool { return len(v.ring.Load().publics) > 0 }

// Verify returns what the token says about its user, or why it is refused. The token is not kept.
//
// The order is the defence: length, shape and the signatures of secrets cost no allocation, and nothing is decoded
// for somebody who does not know the secret, but for a short header to find a public key by.
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

// miss notes that a key is not there.
func (v *Verifier) miss() {
	select {
	case v.missed <- struct{}{}:
	default: // it is known already
	}
}

// split cuts a JWT at its two dots. The signature may be empty: it is with alg none.
func split(token []byte) (header, payload, signature []byte, ok bool) {
	header, rest, _ := bytes.Cut(token, []byte{'.'})
	payload, signature, ok = bytes.Cut(rest, []byte{'.'})
	ok = ok && len(header) > 0 && len(payload) > 0 && bytes.IndexByte(signature, '.') < 0
	return header, payload, signature, ok
}

// readPayload decodes the claims of a token whose signature and header are good.
func (v *Verifier) readPayload(encoded []byte) (Claims, *Error) {
	d := v.decodings.Get().(*decoding)
	defer v.decodings.Put(d)
	n, err := strictBase64.Decode(d.text, encoded)
	if err != nil {
		return Claims{}, errPayload
	}
	d.payload = payload{asked: v.asked}
	if fault := d.decode(d.text[:n]); fault != nil {
		return Claims{}, fault
	}
	if fault := d.fit(&v.options, v.options.Now().Unix()); fault != nil {
		return Claims{}, fault
	}
	return d.Claims, nil
}
