package auth

import (
	"bytes"
	"crypto/hmac"
	"encoding/base64"
	"hash"
	"sync"
	"sync/atomic"

	"github.com/golang-jwt/jwt/v5"
)

// secret checks the signatures of one secret (RFC 7515 §5.2, RFC 7518 §3.2) before a byte of the token is decoded.
// golang-jwt decodes header and claims first, so whoever knows no secret could have it build maps out of 3 KiB of
// JSON of their choice; and it keys the HMAC anew for each token, which costs more than hashing one.
type secret struct {
	algorithm Algorithm
	bytes     int // of a signature
	encoded   int // the same in base64url
	keyed     sync.Pool
	header    atomic.Pointer[string] // the last that was found good: one signer's are all the same
}

// largestHash in bytes is SHA-512's.
const largestHash = 64

// keyedHash is an HMAC with the secret in it, and room for one comparison.
type keyedHash struct {
	mac      hash.Hash
	computed [largestHash]byte
	stated   [largestHash]byte
}

// newSecret returns nil for a key that is no secret.
func newSecret(k Key) *secret {
	method, ok := k.algorithm.method().(*jwt.SigningMethodHMAC)
	if !ok {
		return nil
	}
	s := &secret{algorithm: k.algorithm, bytes: method.Hash.Size(), encoded: base64.RawURLEncoding.EncodedLen(method.Hash.Size())}
	s.keyed.New = func() any { return &keyedHash{mac: hmac.New(method.Hash.New, k.secret)} }
	return s
}

// genuine reports whether signature, in base64url, is the signature of signed.
func (s *secret) genuine(signed, signature []byte) bool {
	if len(signature) != s.encoded {
		return false
	}
	k := s.keyed.Get().(*keyedHash)
	defer s.keyed.Put(k)
	if n, err := strictBase64.Decode(k.stated[:], signature); err != nil || n != s.bytes {
		return false
	}
	k.mac.Reset()
	k.mac.Write(signed)
	return hmac.Equal(k.mac.Sum(k.computed[:0]), k.stated[:s.bytes])
}

// strictBase64 takes each part in one spelling only: the bits that whole bytes leave over must be zero.
var strictBase64 = base64.RawURLEncoding.Strict()

// isBase64 reports whether b is one part of a JWT: base64url without padding (RFC 7515 §2).
func isBase64(b []byte) bool {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return len(b)%4 != 1 && len(bytes.Trim(b, alphabet)) == 0
}
