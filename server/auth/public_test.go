package auth

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/asn1"
	"encoding/base64"
	"math/big"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

// everyKey is a verifier with a key of each kind, and a source of more.
func everyKey(t testing.TB) *Verifier {
	p := keyPairs(t)
	v := verifierOf(secretKey(t, HS256, string(testSecret)), publicKey(t, "", p.rsa), publicKey(t, "", p.ec), publicKey(t, "", p.ed))
	v.SetFetched(nil)
	return v
}

func TestAlgorithmNoneIsRefused(t *testing.T) {
	v := everyKey(t)
	good := signedBy(t, jwt.SigningMethodES256, keyPairs(t).ec, `{"alg":"ES256"}`)
	signature := good[strings.LastIndexByte(good, '.')+1:]
	for _, alg := range []string{"none", "None", "NONE", "nOnE", "noNe", " none", "none ", `none\u0000`, `\u006eone`, "", "null", "NULL", "HS256none"} {
		for _, ending := range []string{"", signature, "AAAA"} {
			token := encode(`{"alg":"`+alg+`"}`) + "." + encode(claims("")) + "." + ending
			if code := codeOf(v, token); code != "token_algorithm" {
				t.Errorf("alg %q, signature %q: %q", alg, ending, code)
			}
		}
	}
	p := keyPairs(t)
	for name, token := range map[string]string{
		"rs256": signedBy(t, jwt.SigningMethodRS256, p.rsa, `{"alg":"rs256"}`),
		"RS512": signedBy(t, jwt.SigningMethodRS512, p.rsa, `{"alg":"RS512"}`),
		"PS256": signedBy(t, jwt.SigningMethodPS256, p.rsa, `{"alg":"PS256"}`),
	} {
		if code := codeOf(v, token); code != "token_algorithm" {
			t.Errorf("alg %s: %q", name, code)
		}
	}
}

// TestAPublicKeyIsNotUsedAsASecret: everybody knows a public key, so a server that used it as a secret would accept
// forged tokens.
func TestAPublicKeyIsNotUsedAsASecret(t *testing.T) {
	p := keyPairs(t)
	for _, private := range []crypto.Signer{p.rsa, p.ec, p.ed} {
		v := verifierOf(publicKey(t, "k", private))
		text := publicPEM(t, private.Public())
		for _, secret := range [][]byte{text, []byte(strings.TrimSpace(string(text))), text[:len(text)-1], {}} {
			for _, method := range []*jwt.SigningMethodHMAC{jwt.SigningMethodHS256, jwt.SigningMethodHS384, jwt.SigningMethodHS512} {
				for _, header := range []string{`{"alg":"` + method.Alg() + `"}`, `{"alg":"` + method.Alg() + `","kid":"k"}`} {
					if code := codeOf(v, signedBy(t, method, secret, header)); code != "token_algorithm" {
						t.Errorf("%s signed with a public %T: %q", header, private, code)
					}
				}
			}
		}
	}
}

// TestATokenDoesNotBringItsKey: a key in the token, or at an address in the token, is the forger's own.
func TestATokenDoesNotBringItsKey(t *testing.T) {
	p := keyPairs(t)
	v := verifierOf(publicKey(t, "k", p.rsa2))
	n := base64.RawURLEncoding.EncodeToString(p.rsa.N.Bytes())[:100] // shortened so that it fits
	for _, bring := range []string{
		`"jwk":{"kty":"RSA","e":"AQAB","n":"` + n + `"}`, `"jku":"https://evil.example/jwks.json"`, `"x5u":"https://evil.example/c.pem"`,
		`"x5c":["MIIB"]`, `"x5t":"AAAA"`, `"jwk":{"kty":"oct","k":"AAAA"}`,
	} {
		for _, kid := range []string{"", `,"kid":"k"`, `,"kid":"https://evil.example/jwks.json"`} {
			header := `{"alg":"RS256",` + bring + kid + `}`
			if code := codeOf(v, signedBy(t, jwt.SigningMethodRS256, p.rsa, header)); code != "token_signature" {
				t.Errorf("%s: %q", header, code)
			}
			if kid == `,"kid":"k"` {
				if code := codeOf(v, signedBy(t, jwt.SigningMethodRS256, p.rsa2, header)); code != "" {
					t.Errorf("%s, well signed: %q", header, code)
				}
			}
		}
	}
}

func TestOtherRSASignaturesAreRefused(t *testing.T) {
	p := keyPairs(t)
	v := everyKey(t)
	for name, method := range map[string]jwt.SigningMethod{
		"PSS": jwt.SigningMethodPS256, "SHA-384": jwt.SigningMethodRS384, "SHA-512": jwt.SigningMethodRS512,
	} {
		if code := codeOf(v, signedBy(t, method, p.rsa, `{"alg":"RS256"}`)); code != "token_signature" {
			t.Errorf("%s: %q", name, code)
		}
	}
	signed := encode(`{"alg":"RS256"}`) + "." + encode(claims(""))
	hash := sha256.Sum256([]byte(signed))
	unprefixed, err := rsa.SignPKCS1v15(rand.Reader, p.rsa, 0, hash[:]) // without the hash's name in it
	if err != nil {
		t.Fatal(err)
	}
	good, err := rsa.SignPKCS1v15(rand.Reader, p.rsa, crypto.SHA256, hash[:])
	if err != nil {
		t.Fatal(err)
	}
	beyond := new(big.Int).Add(new(big.Int).SetBytes(good), p.rsa.N).Bytes() // the same modulo N
	for name, signature := range map[string][]byte{
		"without the hash's name": unprefixed, "larger than the modulus": beyond, "a byte more": append([]byte{0}, good...),
		"a byte less": good[1:], "zero": make([]byte, len(good)), "one": append(make([]byte, len(good)-1), 1), "none": nil,
		"longest": make([]byte, maxSignatureBytes), "too long": make([]byte, maxSignatureBytes+1),
	} {
		if code := codeOf(v, signed+"."+encode(string(signature))); code != "token_signature" {
			t.Errorf("%s: %q", name, code)
		}
	}
	if code := codeOf(v, signed+"."+encode(string(good))); code != "" {
		t.Errorf("good: %q", code)
	}
}

func TestOtherES256EncodingsAreRefused(t *testing.T) {
	p := keyPairs(t)
	v := everyKey(t)
	signed := encode(`{"alg":"ES256"}`) + "." + encode(claims(""))
	hash := sha256.Sum256([]byte(signed))
	der, err := ecdsa.SignASN1(rand.Reader, p.ec, hash[:])
	if err != nil {
		t.Fatal(err)
	}
	var parts struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &parts); err != nil {
		t.Fatal(err)
	}
	n := p.ec.Params().N
	fixed := func(r, s *big.Int) []byte {
		return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	}
	good, zero := fixed(parts.R, parts.S), new(big.Int)
	long := sha512.Sum512([]byte(signed))
	other, err := ecdsa.SignASN1(rand.Reader, p.ec, long[:])
	if err != nil {
		t.Fatal(err)
	}
	for name, signature := range map[string][]byte{
		"DER": der, "DER of another hash": other, "a byte less": good[:63], "a byte more": append(good[:64:64], 0), "half": good[:32], "none": nil,
		"r zero": fixed(zero, parts.S), "s zero": fixed(parts.R, zero), "both zero": make([]byte, 64), "r = n": fixed(n, parts.S), "s = n": fixed(parts.R, n),
		"exchanged": fixed(parts.S, parts.R), "both one": fixed(big.NewInt(1), big.NewInt(1)),
	} {
		if code := codeOf(v, signed+"."+encode(string(signature))); code != "token_signature" {
			t.Errorf("%s: %q", name, code)
		}
	}
	// ECDSA has two signatures for each message, (r, s) and (r, n-s), and RFC 7518 §3.4 accepts both. So a signature
	// does not identify a token; jti does.
	for _, signature := range [][]byte{good, fixed(parts.R, new(big.Int).Sub(n, parts.S))} {
		if code := codeOf(v, signed+"."+encode(string(signature))); code != "" {
			t.Errorf("good: %q", code)
		}
	}
}

func TestEdDSASignaturesAreNotMalleable(t *testing.T) {
	p := keyPairs(t)
	v := everyKey(t)
	token := signedBy(t, jwt.SigningMethodEdDSA, p.ed, `{"alg":"EdDSA"}`)
	at := strings.LastIndexByte(token, '.') + 1
	good, err := base64.RawURLEncoding.DecodeString(token[at:])
	if err != nil {
		t.Fatal(err)
	}
	// RFC 8032 §5.1.7: S must be below the group's order L; otherwise S + L would be accepted too.
	order, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
	s := make([]byte, 32)
	for i := range s {
		s[i] = good[63-i] // little endian
	}
	s = new(big.Int).Add(new(big.Int).SetBytes(s), order).FillBytes(make([]byte, 32))
	shifted := append([]byte(nil), good[:32]...)
	for i := range s {
		shifted = append(shifted, s[31-i])
	}
	for name, signature := range map[string][]byte{
		"S + L": shifted, "a byte less": good[:63], "a byte more": append(good[:64:64], 0), "zero": make([]byte, 64),
		"halves exchanged": append(good[32:64:64], good[:32]...), "none": nil,
	} {
		if code := codeOf(v, token[:at]+encode(string(signature))); code != "token_signature" {
			t.Errorf("%s: %q", name, code)
		}
	}
	if code := codeOf(v, token); code != "" {
		t.Error(code)
	}
}

func TestMalformedTokensOfKeyPairsAreRefused(t *testing.T) {
	v := everyKey(t)
	good := signedBy(t, jwt.SigningMethodRS256, keyPairs(t).rsa, `{"alg":"RS256"}`)
	dot := strings.LastIndexByte(good, '.')
	for name, tt := range map[string]struct{ token, code string }{
		"good":              {good, ""},
		"padded":            {good + "==", "token_malformed"},
		"cut":               {good[:len(good)-2], "token_signature"},
		"4096 bytes":        {good + strings.Repeat("A", MaxTokenBytes-len(good)), "token_signature"},
		"4097 bytes":        {good + strings.Repeat("A", MaxTokenBytes+1-len(good)), "token_malformed"},
		"payload changed":   {encode(`{"alg":"RS256"}`) + "." + encode(claims(`,"x":1`)) + good[dot:], "token_signature"},
		"header changed":    {encode(`{"alg":"RS256" }`) + good[strings.IndexByte(good, '.'):], "token_signature"},
		"crit":              {signedBy(t, jwt.SigningMethodRS256, keyPairs(t).rsa, `{"alg":"RS256","crit":["b64"],"b64":false}`), "token_algorithm"},
		"another alphabet":  {good[:dot] + "." + strings.Repeat("+", len(good)-dot-1), "token_malformed"},
		"spare bits are 1":  {good[:len(good)-1] + string(good[len(good)-1]+1), "token_signature"},
		"four parts":        {good + ".", "token_malformed"},
		"header's spelling": {"eyJhbGciOiJSUzI1NiJ-" + good[strings.IndexByte(good, '.'):], "token_malformed"},
	} {
		if code := codeOf(v, tt.token); code != tt.code {
			t.Errorf("%s: %q, want %q", name, code, tt.code)
		}
	}
}
