package auth

import (
	"crypto"
	"errors"
	"fmt"

	"github.com/golang-jwt/jwt/v5"
)

// Signer signs tokens with one key.
type Signer struct {
	KeyID            string // written as kid; empty: none
	Issuer, Audience string // written as iss and aud; empty: none

	method jwt.SigningMethod
	key    any
}

// SecretSigner returns a signer with a secret.
func SecretSigner(algorithm Algorithm, secret []byte) (*Signer, error) {
	if len(secret) == 0 {
		return nil, errors.New("there is no secret to sign with: set JWT_SECRET to the server's")
	}
	if _, err := SecretAlgorithm(string(algorithm)); err != nil {
		return nil, err
	}
	return &Signer{method: algorithm.method(), key: secret}, nil
}

// PEMSigner returns a signer with the private key in a PEM file. The kind of key determines the algorithm.
func PEMSigner(text []byte) (*Signer, error) {
	private, err := privateFromPEM(text)
	if err != nil {
		return nil, err
	}
	public, err := PublicKey("", private.Public())
	if err != nil {
		return nil, fmt.Errorf("it is %w", err)
	}
	return &Signer{method: public.algorithm.method(), key: crypto.PrivateKey(private)}, nil
}

// Sign returns a token with these claims, signed with an HS256 secret.
func Sign(secret []byte, c Claims) (string, error) {
	s, err := SecretSigner(HS256, secret)
	if err != nil {
		return "", err
	}
	return s.Sign(c)
}

// Sign returns a token with these claims. It refuses claims that Verify would refuse at any time.
func (s *Signer) Sign(c Claims) (string, error) {
	if fault := c.check(); fault != nil {
		return "", fault
	}
	claims := jwt.MapClaims{"sub": c.UserID.String(), "username": c.Username, "exp": c.ExpiresAt}
	for name, text := range map[string]string{"email": c.Email, "jti": c.ID, "iss": s.Issuer, "aud": s.Audience} {
		if text != "" {
			claims[name] = text
		}
	}
	if c.IssuedAt != 0 {
		claims["iat"] = c.IssuedAt
	}
	if c.Topics != nil {
		claims["topics"] = map[string][]string{"subscribe": c.Topics.Subscribe, "publish": c.Topics.Publish, "join": c.Topics.Join}
	}
	token := jwt.NewWithClaims(s.method, claims)
	if s.KeyID != "" {
		token.Header["kid"] = s.KeyID
	}
	return token.SignedString(s.key)
}
