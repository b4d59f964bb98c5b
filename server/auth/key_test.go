package auth

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"math/big"
	"strings"
	"testing"
)

// TestEachKeyHasOneAlgorithm: a key accepts tokens of its own algorithm and of no other.
func TestEachKeyHasOneAlgorithm(t *testing.T) {
	p := keyPairs(t)
	keys := map[Algorithm]Key{
		HS256: secretKey(t, HS256, "s"), HS384: secretKey(t, HS384, "s"), HS512: secretKey(t, HS512, "s"),
		RS256: publicKey(t, "", p.rsa), ES256: publicKey(t, "", p.ec), EdDSA: publicKey(t, "", p.ed),
	}
	private := map[Algorithm]any{
		HS256: []byte("s"), HS384: []byte("s"), HS512: []byte("s"), RS256: p.rsa, ES256: p.ec, EdDSA: p.ed,
	}
	var all Keys
	for _, k := range keys {
		all = append(all, k)
	}
	for signed, key := range private {
		for stated := range private {
			token := signedBy(t, signed.method(), key, `{"alg":"`+string(stated)+`"}`)
			want := ""
			if signed != stated {
				want = "token_signature"
				if _, secret := key.([]byte); secret { // it has been found by its key, which then asks for its algorithm
					want = "token_algorithm"
				}
			}
			if got := codeOf(verifierOf(all...), token); got != want {
				t.Errorf("signed with %s, alg %s, against all keys: %q, want %q", signed, stated, got, want)
			}
			for algorithm, k := range keys {
				if got := codeOf(verifierOf(k), token); (got == "") != (algorithm == signed && signed == stated) {
					t.Errorf("signed with %s, alg %s, against %s: %q", signed, stated, algorithm, got)
				}
			}
		}
	}
}

func TestKeysThatAreRefused(t *testing.T) {
	p := keyPairs(t)
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for want, public := range map[string]crypto.PublicKey{
		"1024 bits":       weak.Public(),
		"16384 bits":      &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 16383), E: 65537},
		"an exponent":     &rsa.PublicKey{N: p.rsa.N, E: 2},
		"below 3":         &rsa.PublicKey{N: p.rsa.N, E: 1},
		"P-256":           p384.Public(),
		"not on P-256":    &ecdsa.PublicKey{Curve: elliptic.P256(), X: big.NewInt(1), Y: big.NewInt(1)}, //nolint:staticcheck // no other way to make a point off the curve
		"31 bytes":        ed25519.PublicKey(make([]byte, 31)),
		"neither RSA":     []byte("secret"),
		"P-256 nor Ed255": nil,
	} {
		if _, err := PublicKey("", public); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if _, err := SecretKey(RS256, []byte("s")); err == nil {
		t.Error("a secret for RS256")
	}
	if _, err := SecretKey(HS256, nil); err == nil {
		t.Error("an empty secret")
	}
	if _, err := SecretAlgorithm("none"); err == nil || !strings.Contains(err.Error(), "HS256 or HS384 or HS512") {
		t.Error(err)
	}
}
