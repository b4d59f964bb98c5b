package auth

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"sync"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

// pairs are one private key of each kind, made once.
type pairs struct {
	rsa, rsa2 *rsa.PrivateKey
	ec        *ecdsa.PrivateKey
	ed        ed25519.PrivateKey
}

var testPairs = sync.OnceValues(func() (p pairs, err error) {
	if p.rsa, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		return p, err
	}
	if p.rsa2, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		return p, err
	}
	if p.ec, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return p, err
	}
	_, p.ed, err = ed25519.GenerateKey(rand.Reader)
	return p, err
})

func keyPairs(t testing.TB) pairs {
	t.Helper()
	p, err := testPairs()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func publicKey(t testing.TB, id string, private crypto.Signer) Key {
	t.Helper()
	k, err := PublicKey(id, private.Public())
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func secretKey(t testing.TB, algorithm Algorithm, secret string) Key {
	t.Helper()
	k, err := SecretKey(algorithm, []byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func verifierOf(keys ...Key) *Verifier { return NewVerifier(keys, Options{Now: testClock}) }

// signedBy signs a good payload under any header.
func signedBy(t testing.TB, method jwt.SigningMethod, key any, header string) string {
	t.Helper()
	signed := encode(header) + "." + encode(claims(""))
	signature, err := method.Sign(signed, key)
	if err != nil {
		t.Fatal(err)
	}
	return signed + "." + encode(string(signature))
}

func codeOf(v *Verifier, token string) string {
	if _, fault := v.Verify([]byte(token)); fault != nil {
		return fault.Code
	}
	return ""
}

func toPEM(t testing.TB, kind string, der []byte, err error) []byte {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func publicPEM(t testing.TB, public crypto.PublicKey) []byte {
	der, err := x509.MarshalPKIXPublicKey(public)
	return toPEM(t, "PUBLIC KEY", der, err)
}

func privatePEM(t testing.TB, private any) []byte {
	der, err := x509.MarshalPKCS8PrivateKey(private)
	return toPEM(t, "PRIVATE KEY", der, err)
}
