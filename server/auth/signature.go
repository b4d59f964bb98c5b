package auth

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"hash"
	"slices"
	"sync"
)

// signatures checks the HS256 signature of tokens (RFC 7515 §5.2, RFC 7518 §3.2) before a byte of them is
// decoded. golang-jwt decodes header and claims first, so whoever knows no secret could have it build maps out
// of 3 KiB of JSON of their choice; and it keys the HMAC anew for each token, which costs more than hashing one.
type signatures struct{ keyed sync.Pool }

// keyedHash is an HMAC with the secret in it, and room for one comparison.
type keyedHash struct {
	mac      hash.Hash
	computed [sha256.Size]byte
	stated   [sha256.Size]byte
}

func newSignatures(secret []byte) *signatures {
	secret = slices.Clone(secret)
	return &signatures{sync.Pool{New: func() any {
		return &keyedHash{mac: hmac.New(sha256.New, secret)}
	}}}
}

// encodedSignatureBytes is the length of an HS256 signature in base64url.
var encodedSignatureBytes = base64.RawURLEncoding.EncodedLen(sha256.Size)

// genuine reports whether signature, in base64url, is the signature of signed.
func (s *signatures) genuine(signed, signature []byte) bool {
	if len(signature) != encodedSignatureBytes {
		return false
	}
	k := s.keyed.Get().(*keyedHash)
	defer s.keyed.Put(k)
	if n, err := strictBase64.Decode(k.stated[:], signature); err != nil || n != sha256.Size {
		return false
	}
	k.mac.Reset()
	k.mac.Write(signed)
	return hmac.Equal(k.mac.Sum(k.computed[:0]), k.stated[:])
}

// strictBase64 takes each signature in one spelling only: the two bits that 32 bytes leave over must be zero.
var strictBase64 = base64.RawURLEncoding.Strict()

// whyForged says what is wrong with a token whose signature is not ours, at a bounded cost.
func whyForged(header, payload, signature []byte) *Error {
	if len(header) > maxHeaderBytes {
		return errHeader
	}
	if !isBase64(header) || !isBase64(payload) || !isBase64(signature) {
		return errShape
	}
	var decoded [maxHeaderBytes]byte
	n, err := base64.RawURLEncoding.Decode(decoded[:], header)
	var stated struct{ Alg string }
	if err != nil || json.Unmarshal(decoded[:n], &stated) != nil {
		return errHeader
	}
	if stated.Alg != algorithm {
		return errAlgorithm
	}
	return errSignature
}

// isBase64 reports whether b is one part of a JWT: base64url without padding (RFC 7515 §2).
func isBase64(b []byte) bool {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return len(b)%4 != 1 && len(bytes.Trim(b, alphabet)) == 0
}
