package auth

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

// Algorithm is a signature algorithm, by its name in RFC 7518 §3.1 and RFC 8037 §3.1.
type Algorithm string

// The supported algorithms. RSA-PSS, larger hashes and larger curves are left out: no issuer in use needs them, and each
// one is more code to get wrong.
const (
	HS256 Algorithm = "HS256"
	HS384 Algorithm = "HS384"
	HS512 Algorithm = "HS512"
	RS256 Algorithm = "RS256"
	ES256 Algorithm = "ES256"
	EdDSA Algorithm = "EdDSA"
)

// secretAlgorithms sign with a secret, publicAlgorithms with a key pair.
var (
	secretAlgorithms = []Algorithm{HS256, HS384, HS512}
	publicAlgorithms = []Algorithm{RS256, ES256, EdDSA}
)

// SecretAlgorithm returns the algorithm for secrets that has this name.
func SecretAlgorithm(name string) (Algorithm, error) {
	if a := Algorithm(name); slices.Contains(secretAlgorithms, a) {
		return a, nil
	}
	return "", fmt.Errorf("%q is no algorithm for secrets: write %s", name, join(secretAlgorithms, " or "))
}

// ShortSecretBytes is the length below which a secret is warned about. RFC 7518 §3.2 requires a key as long as the hash,
// because a shorter one can be searched for offline with one token. It is 0 for algorithms without secrets.
func (a Algorithm) ShortSecretBytes() int {
	if m, ok := a.method().(*jwt.SigningMethodHMAC); ok {
		return m.Hash.Size()
	}
	return 0
}

func (a Algorithm) method() jwt.SigningMethod { return jwt.GetSigningMethod(string(a)) }

// Key verifies signatures of one algorithm. The key determines the algorithm, never the token (RFC 8725 §3.1).
type Key struct {
	id        string // kid; empty if the key has none
	algorithm Algorithm
	secret    []byte           // of an algorithm for secrets
	public    crypto.PublicKey // of any other: *rsa.PublicKey, *ecdsa.PublicKey or ed25519.PublicKey
}

// Keys are the keys that tokens may be signed with, in the order in which they are tried.
type Keys []Key

// ID returns the key's kid, or "" if it has none.
func (k Key) ID() string { return k.id }

// Algorithm returns the algorithm of the key.
func (k Key) Algorithm() Algorithm { return k.algorithm }

// Secret returns the HS256 key of a secret. An empty secret gives no key, because anybody could sign with it.
func Secret(secret []byte) Keys {
	k, err := SecretKey(HS256, secret)
	if err != nil {
		return nil
	}
	return Keys{k}
}

// SecretKey returns the key of a secret for an algorithm.
func SecretKey(algorithm Algorithm, secret []byte) (Key, error) {
	if len(secret) == 0 {
		return Key{}, errors.New("a secret must not be empty: anybody could sign with it")
	}
	if _, err := SecretAlgorithm(string(algorithm)); err != nil {
		return Key{}, err
	}
	return Key{algorithm: algorithm, secret: slices.Clone(secret)}, nil
}

// PublicKey returns the key that verifies with public. The kind of key determines its algorithm. If id is not empty, the
// key is not used for tokens that name another one.
func PublicKey(id string, public crypto.PublicKey) (Key, error) {
	k := Key{id: id, public: public}
	switch p := public.(type) {
	case *rsa.PublicKey:
		if bits := p.N.BitLen(); bits < minRSABits || bits > maxRSABits {
			return Key{}, fmt.Errorf("an RSA key of %d bits: use one of %d to %d bits", bits, minRSABits, maxRSABits)
		}
		if p.E < 3 || p.E%2 == 0 || p.E > maxRSAExponent {
			return Key{}, errors.New("an RSA key with an exponent that is even, below 3 or above 32 bits: use a key made in the usual way (65537)")
		}
		k.algorithm = RS256
	case *ecdsa.PublicKey:
		if p.Curve != elliptic.P256() {
			return Key{}, fmt.Errorf("an elliptic-curve key on %s: use one on P-256 (prime256v1)", p.Curve.Params().Name)
		}
		if _, err := p.ECDH(); err != nil {
			return Key{}, errors.New("an elliptic-curve key whose point is not on P-256: make a new key")
		}
		k.algorithm = ES256
	case ed25519.PublicKey:
		if len(p) != ed25519.PublicKeySize {
			return Key{}, fmt.Errorf("an Ed25519 key of %d bytes: it must have %d", len(p), ed25519.PublicKeySize)
		}
		k.algorithm = EdDSA
	default:
		return Key{}, errors.New("a key that is neither RSA, P-256 nor Ed25519: use one of those")
	}
	return k, nil
}

func join(algorithms []Algorithm, between string) string {
	names := make([]string, len(algorithms))
	for i, a := range algorithms {
		names[i] = string(a)
	}
	return strings.Join(names, between)
}
