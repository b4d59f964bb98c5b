package auth

import "github.com/golang-jwt/jwt/v5"

// public checks the signatures of one public key.
type public struct {
	Key
	method jwt.SigningMethod // of the key's algorithm
}

func newPublic(k Key) *public { return &public{k, k.algorithm.method()} }

// genuine reports whether signature, in base64url, is the signature of signed.
func (p *public) genuine(signed, signature []byte) bool {
	if len(signature) > strictBase64.EncodedLen(maxSignatureBytes) {
		return false
	}
	stated, err := strictBase64.AppendDecode(nil, signature)
	return err == nil && p.method.Verify(string(signed), stated, p.public) == nil
}
