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

// secret verifies signatures with one secret (RFC 7515 §5.2, RFC 7518 §3.2) before a byte of the token is decoded.
// golang-jwt decodes the header and the claims first, so a forged token could make it build maps out of 3 KiB of
// JSON; and it keys the HMAC anew for each token, which costs more than hashing the token.
type secret struct {
	algorithm Algorithm
	bytes     int // of a signature
	encoded   int // the same in base64url
	keyed     sync.Pool
	header    atomic.Pointer[string] // the last valid one: all headers of one signer are the same
}

// largestHash in bytes is SHA-512's.
const largestHash = 64

// keyedHash is an HMAC keyed with the secret, with buffers for one comparison.
type keyedHash struct {
	mac      hash.Hash
	computed [largestHash]byte
	stated   [largestHash]byte
}

// newSecret returns nil for a key that is not a secret.
func newSecret(k Key) *secret {
	method, ok := k.algorithm.method().(*jwt.SigningMethodHMAC)
	if !ok {
		return nil
	}
	s := &secret{algorithm: k.algorithm, bytes: method.Hash.Size(), encoded: base64.RawURLEncoding.EncodedLen(method.Hash.Size())}
	s.keyed.New = func() any { return &keyedHash{mac: hmac.New(method.Hash.New, k.secret)} }
	return s
}

// verify reports whether signature, in base64url, is the signature of signed.
func (s *secret) verify(signed, signature []byte) bool {
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

// strictBase64 accepts one spelling of each part: the unused bits of the last character must be zero.
var strictBase64 = base64.RawURLEncoding.Strict()

// isBase64 reports whether b is one part of a JWT: base64url without padding (RFC 7515 §2).
func isBase64(b []byte) bool {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return len(b)%4 != 1 && len(bytes.Trim(b, alphabet)) == 0
}
