package jwks

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"momentum/server/auth"
)

// members is a JWK as tests build one.
type members map[string]any

func (m members) with(name string, value any) members {
	changed := members{name: value}
	for n, v := range m {
		if n != name {
			changed[n] = v
		}
	}
	return changed
}

var testRSA = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// jwk returns a key as go-jose writes it.
func jwk(t testing.TB, id string, key any) members {
	t.Helper()
	text, err := json.Marshal(jose.JSONWebKey{KeyID: id, Key: key})
	var m members
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func rsaKey(t testing.TB) *rsa.PrivateKey {
	t.Helper()
	key, err := testRSA()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func ecKey(t testing.TB, curve elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func edKey(t testing.TB) (ed25519.PublicKey, ed25519.PrivateKey) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return public, private
}

func set(t testing.TB, keys ...members) []byte {
	t.Helper()
	text, err := json.Marshal(map[string]any{"keys": keys})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestKeysOfASet(t *testing.T) {
	public, _ := edKey(t)
	ed := jwk(t, "ed", public)
	keys, skipped, err := Parse(set(t,
		ed.with("use", "sig").with("key_ops", []string{"verify"}).with("alg", "EdDSA").with("unknown", members{"x": 1}),
		jwk(t, "ec", ecKey(t, elliptic.P256()).Public()), jwk(t, "", rsaKey(t).Public()).with("alg", "RS256"),
		jwk(t, "ed", ecKey(t, elliptic.P256()).Public()),
	))
	if err != nil || skipped != nil {
		t.Fatal(skipped, err)
	}
	var got []string
	for _, k := range keys {
		got = append(got, string(k.Algorithm())+" "+k.ID())
	}
	if want := []string{"EdDSA ed", "ES256 ec", "RS256 ", "ES256 ed"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestKeysThatAreSkipped: one unusable key does not make the others unusable (RFC 7517 §5).
func TestKeysThatAreSkipped(t *testing.T) {
	public, private := edKey(t)
	ed, rs, ec := jwk(t, "k", public), jwk(t, "k", rsaKey(t).Public()), jwk(t, "k", ecKey(t, elliptic.P256()).Public())
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	text := func(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
	for name, tt := range map[string]struct {
		key  members
		want string
	}{
		"a secret":             {members{"kty": "oct", "k": "c2VjcmV0", "alg": "HS256"}, "a secret or a private key"},
		"an Ed25519 private":   {jwk(t, "k", private), "a secret or a private key"},
		"an RSA private":       {jwk(t, "k", rsaKey(t)), "a secret or a private key"},
		"for encryption":       {rs.with("use", "enc"), "another use"},
		"use a number":         {rs.with("use", 1), ""},
		"for signing":          {ed.with("key_ops", []string{"sign"}), "key_ops"},
		"for nothing":          {ed.with("key_ops", []string{}), "key_ops"},
		"key_ops a text":       {ed.with("key_ops", "verify"), ""},
		"RS512":                {rs.with("alg", "RS512"), "another algorithm"},
		"PS256":                {rs.with("alg", "PS256"), "another algorithm"},
		"RSA for HS256":        {rs.with("alg", "HS256"), "another algorithm"},
		"P-256 for EdDSA":      {ec.with("alg", "EdDSA"), "another algorithm"},
		"alg none":             {ec.with("alg", "none"), "another algorithm"},
		"1024 bits":            {jwk(t, "k", weak.Public()), "1024 bits"},
		"a huge modulus":       {rs.with("n", text(new(big.Int).Lsh(big.NewInt(1), 40000).Bytes())), ""},
		"a huge exponent":      {rs.with("e", text(make([]byte, 100))), ""},
		"no modulus":           {rs.with("n", nil), ""},
		"exponent 1":           {rs.with("e", "AQ"), ""},
		"P-384":                {jwk(t, "k", ecKey(t, elliptic.P384()).Public()), "P-384"},
		"not on the curve":     {ec.with("x", text(make([]byte, 32))), "not on"},
		"a short Ed25519":      {ed.with("x", text(make([]byte, 31))), ""},
		"X25519":               {ed.with("crv", "X25519"), "unsupported"},
		"a kind to come":       {members{"kty": "PQC", "kid": "k"}, "unsupported"},
		"no kind":              {rs.with("kty", ""), ""},
		"kind in another case": {rs.with("kty", "rsa"), "unsupported"},
		"kid a number":         {rs.with("kid", 1), ""},
		"a broken certificate": {rs.with("x5c", []string{"AAAA"}), ""},
	} {
		keys, skipped, err := Parse(set(t, tt.key, ed))
		if err != nil || len(keys) != 1 || len(skipped) != 1 || !strings.Contains(skipped[0].Error(), tt.want) {
			t.Errorf("%s: %d keys, %v, %v", name, len(keys), skipped, err)
		}
		if keys, _, err := Parse(set(t, tt.key)); err == nil || keys != nil {
			t.Errorf("%s: taken as a set of its own", name)
		}
	}
}

func TestInvalidKeySetsAreRefused(t *testing.T) {
	public, _ := edKey(t)
	ed := jwk(t, "k", public)
	good := string(set(t, ed))
	key := good[len(`{"keys":[`) : len(good)-len(`]}`)]
	for name, text := range map[string]string{
		"nothing": "", "HTML": "<!DOCTYPE html><title>Sign in</title>", "an empty object": "{}", "null": "null", "a list": "[" + key + "]",
		"one key": key, "no keys": `{"keys":[]}`, "keys null": `{"keys":null}`, "keys an object": `{"keys":` + key + `}`, "other case": `{"Keys":[` + key + `]}`,
		"keys twice": `{"keys":[` + key + `],"keys":[]}`, "cut off": good[:len(good)-1], "two sets": good + good,
		"a key with kid twice": `{"keys":[{"kid":"x",` + key[1:] + `]}`, "deep": strings.Repeat("[", 200_000), "deeply valid": `{"keys":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `}`,
		"too many": string(set(t, slices.Repeat([]members{ed}, maxKeys+1)...)), "a key that is text": `{"keys":["k"]}`,
	} {
		if keys, _, err := Parse([]byte(text)); err == nil || keys != nil {
			t.Errorf("%s: %d keys", name, len(keys))
		}
	}
	if keys, _, err := Parse(set(t, slices.Repeat([]members{ed}, maxKeys)...)); err != nil || len(keys) != maxKeys {
		t.Error(err)
	}
}

func FuzzParse(f *testing.F) {
	public, _ := edKey(f)
	f.Add(set(f, jwk(f, "k", public), members{"kty": "oct", "k": "AAAA"}))
	f.Add(set(f, jwk(f, "k", rsaKey(f).Public()), jwk(f, "", ecKey(f, elliptic.P256()).Public())))
	f.Fuzz(func(t *testing.T, text []byte) {
		keys, _, err := Parse(text)
		if (err == nil) != (len(keys) > 0) || len(keys) > maxKeys {
			t.Fatalf("%d keys, %v", len(keys), err)
		}
		for _, k := range keys {
			if !slices.Contains([]auth.Algorithm{auth.RS256, auth.ES256, auth.EdDSA}, k.Algorithm()) {
				t.Error(fmt.Sprint("a key for ", k.Algorithm()))
			}
		}
	})
}
