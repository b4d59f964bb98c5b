// Package auth signs and verifies the tokens users connect with: JWTs signed with HS256 (RFC 7519, RFC 7518
// §3.2). It knows nothing of connections, and of the directory only the id that an e-mail address stands for.
package auth

import (
	"bytes"
	"encoding/json"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// algorithm is the only one accepted. A token does not get to choose how it is checked (RFC 8725 §3.1).
const algorithm = "HS256"

// Verifier verifies tokens that were signed with one secret at a time. Any number of goroutines may use it.
type Verifier struct {
	signatures atomic.Pointer[signatures] // nil without a secret
	parser     *jwt.Parser
	dates      *jwt.Validator
	header     atomic.Pointer[string] // the last that was found good: one signer's are all the same
	decodings  sync.Pool
}

// decoding is room to decode the claims of one token in.
type decoding struct {
	payload
	text []byte
}

// NewVerifier returns a verifier of tokens signed with secret. Without a secret it refuses all of them, for
// everybody can sign with an empty one.
func NewVerifier(secret []byte, now func() time.Time) *Verifier {
	v := &Verifier{
		parser: jwt.NewParser(jwt.WithStrictDecoding()),
		dates:  jwt.NewValidator(jwt.WithTimeFunc(now), jwt.WithLeeway(Leeway), jwt.WithIssuedAt(), jwt.WithExpirationRequired()),
	}
	v.decodings.New = func() any { return &decoding{text: make([]byte, MaxTokenBytes)} }
	v.SetSecret(secret)
	return v
}

// SetSecret has tokens verified with another secret from now on.
func (v *Verifier) SetSecret(secret []byte) {
	if len(secret) == 0 {
		v.signatures.Store(nil)
		return
	}
	v.signatures.Store(newSignatures(secret))
}

// Verify returns what the token says about its user, or why it is refused. The token is not kept.
//
// The order is the defence: length, shape and signature cost no allocation, and nothing is decoded for somebody
// who does not know the secret, but for a short header to tell them what is wrong with it.
func (v *Verifier) Verify(token []byte) (Claims, *Error) {
	signatures := v.signatures.Load()
	switch {
	case len(token) == 0:
		return Claims{}, errMissing
	case len(token) > MaxTokenBytes:
		return Claims{}, errTooLong
	case signatures == nil:
		return Claims{}, errNoSecret
	}
	header, payload, signature, ok := split(token)
	if !ok {
		return Claims{}, errShape
	}
	signed := token[:len(header)+1+len(payload)]
	if !signatures.genuine(signed, signature) {
		return Claims{}, whyForged(header, payload, signature)
	}
	if fault := v.readHeader(header); fault != nil {
		return Claims{}, fault
	}
	return v.readPayload(payload)
}

// split cuts a JWT at its two dots. The signature may be empty: it is with alg none.
func split(token []byte) (header, payload, signature []byte, ok bool) {
	header, rest, _ := bytes.Cut(token, []byte{'.'})
	payload, signature, ok = bytes.Cut(rest, []byte{'.'})
	ok = ok && len(header) > 0 && len(payload) > 0 && bytes.IndexByte(signature, '.') < 0
	return header, payload, signature, ok
}

// readHeader asks of a signed token's header what it may not leave to the token: how it is checked.
func (v *Verifier) readHeader(header []byte) *Error {
	if good := v.header.Load(); good != nil && *good == string(header) {
		return nil
	}
	parsed, _, err := v.parser.ParseUnverified(string(header)+".e30.", jwt.MapClaims{}) // behind it an empty object
	switch {
	case errors.Is(err, jwt.ErrTokenUnverifiable): // alg is unknown or missing
		return errAlgorithm
	case err != nil:
		return errHeader
	case parsed.Method != jwt.SigningMethodHS256:
		return errAlgorithm
	}
	if _, critical := parsed.Header["crit"]; critical { // RFC 7515 §4.1.11: whatever it lists must be understood
		return errCritical
	}
	good := string(header)
	v.header.Store(&good)
	return nil
}

// readPayload decodes the claims of a token whose signature and header are good.
func (v *Verifier) readPayload(encoded []byte) (Claims, *Error) {
	d := v.decodings.Get().(*decoding)
	defer v.decodings.Put(d)
	n, err := strictBase64.Decode(d.text, encoded)
	if err != nil || !json.Valid(d.text[:n]) {
		return Claims{}, errPayload
	}
	d.payload = payload{}
	if fault := d.decode(d.text[:n]); fault != nil {
		return Claims{}, fault
	}
	if err := v.dates.Validate(&d.payload); err != nil {
		return Claims{}, untimely(err)
	}
	return d.Claims, nil
}

// untimely says which date speaks against a token.
func untimely(err error) *Error {
	switch {
	case errors.Is(err, jwt.ErrTokenExpired):
		return errExpired
	case errors.Is(err, jwt.ErrTokenNotValidYet):
		return errNotBefore
	}
	return errIssued
}
