package auth

import "github.com/golang-jwt/jwt/v5"

// public verifies signatures with one public key.
type public struct {
	Key
	method jwt.SigningMethod // of the key's algorithm
}

func newPublic(k Key) *public { return &public{k, k.algorithm.method()} }

// verify reports whether signature, in base64url, is the signature of signed.
func (p *public) verify(signed, signature []byte) bool {
	if len(signature) > strictBase64.EncodedLen(maxSignatureBytes) {
		return false
	}
	stated, err := strictBase64.AppendDecode(nil, signature)
	return err == nil && p.method.Verify(string(signed), stated, p.public) == nil
}
