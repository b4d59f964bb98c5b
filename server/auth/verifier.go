// Package auth signs and verifies the tokens users connect with: JWTs signed with HS256 (RFC 7519, RFC 7518
// §3.2). It knows nothing of connections, and of the directory only the id that an e-mail address stands for.
package auth

import (
	"bytes"
	"errors"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// algorithm is the only one accepted. A token does not get to choose how it is checked (RFC 8725 §3.1).
const algorithm = "HS256"

// Verifier verifies tokens that were signed with one secret. Any number of goroutines may use it.
type Verifier struct {
	signatures *signatures // nil without a secret
	parser     *jwt.Parser
	dates      *jwt.Validator
}

// NewVerifier returns a verifier of tokens signed with secret. Without a secret it refuses all of them, for
// everybody can sign with an empty one.
func NewVerifier(secret []byte, now func() time.Time) *Verifier {
	v := &Verifier{
		parser: jwt.NewParser(jwt.WithStrictDecoding()),
		dates:  jwt.NewValidator(jwt.WithTimeFunc(now), jwt.WithLeeway(Leeway), jwt.WithIssuedAt(), jwt.WithExpirationRequired()),
	}
	if len(secret) > 0 {
		v.signatures = newSignatures(secret)
	}
	return v
}

// Verify returns what the token says about its user, or why it is refused. The token is not kept.
//
// The order is the defence: length, shape and signature cost no allocation, and nothing is decoded for somebody
// who does not know the secret, but for a short header to tell them what is wrong with it.
func (v *Verifier) Verify(token []byte) (Claims, *Error) {
	switch {
	case len(token) == 0:
		return Claims{}, errMissing
	case len(token) > MaxTokenBytes:
		return Claims{}, errTooLong
	case v.signatures == nil:
		return Claims{}, errNoSecret
	}
	header, payload, signature, ok := split(token)
	if !ok {
		return Claims{}, errShape
	}
	signed := token[:len(header)+1+len(payload)]
	if !v.signatures.genuine(signed, signature) {
		return Claims{}, whyForged(header, payload, signature)
	}
	return v.read(string(token))
}

// split cuts a JWT at its two dots. The signature may be empty: it is with alg none.
func split(token []byte) (header, payload, signature []byte, ok bool) {
	header, rest, _ := bytes.Cut(token, []byte{'.'})
	payload, signature, ok = bytes.Cut(rest, []byte{'.'})
	ok = ok && len(header) > 0 && len(payload) > 0 && bytes.IndexByte(signature, '.') < 0
	return header, payload, signature, ok
}

// read decodes a token whose signature is good.
func (v *Verifier) read(token string) (Claims, *Error) {
	var p payload
	parsed, _, err := v.parser.ParseUnverified(token, &p) // its signature has been verified
	if err != nil {
		return Claims{}, unreadable(parsed, err)
	}
	if p.stated == 0 { // the claims are null, which encoding/json does not hand to UnmarshalJSON
		return Claims{}, errNotObject
	}
	if parsed.Method != jwt.SigningMethodHS256 {
		return Claims{}, errAlgorithm
	}
	if _, critical := parsed.Header["crit"]; critical { // RFC 7515 §4.1.11: whatever it lists must be understood
		return Claims{}, errCritical
	}
	if err := v.dates.Validate(&p); err != nil {
		return Claims{}, untimely(err)
	}
	return p.Claims, nil
}

// unreadable says which part of a signed token could not be decoded.
func unreadable(parsed *jwt.Token, err error) *Error {
	var fault *Error
	switch {
	case errors.As(err, &fault):
		return fault
	case errors.Is(err, jwt.ErrTokenUnverifiable): // alg is unknown or missing
		return errAlgorithm
	case parsed == nil || parsed.Claims == nil:
		return errHeader
	}
	return errPayload
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
