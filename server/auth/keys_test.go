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
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

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

// Each kind of key takes the tokens of its algorithm, and of that alone.
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

func TestTwoSecretsAreGoodWhileOneIsRotated(t *testing.T) {
	v := verifierOf(secretKey(t, HS256, "new"), secretKey(t, HS256, "old"))
	token := map[string]string{}
	for _, secret := range []string{"new", "old", "older"} {
		token[secret] = signedBy(t, jwt.SigningMethodHS256, []byte(secret), hs256)
	}
	if codeOf(v, token["new"]) != "" || codeOf(v, token["old"]) != "" || codeOf(v, token["older"]) != "token_signature" {
		t.Error("not the two that are set")
	}
	v.SetKeys(Keys{secretKey(t, HS256, "new")})
	if codeOf(v, token["new"]) != "" || codeOf(v, token["old"]) != "token_signature" {
		t.Error("the old one is still good")
	}
	v.SetKeys(nil)
	if codeOf(v, token["new"]) != "token_signature" {
		t.Error("good without a key")
	}
}

func TestKeysAreReplacedWhileTokensAreVerified(t *testing.T) {
	a, b := Keys{secretKey(t, HS256, "a")}, Keys{secretKey(t, HS256, "b"), secretKey(t, HS256, "a")}
	v := NewVerifier(a, Options{Now: testClock})
	token := signedBy(t, jwt.SigningMethodHS256, []byte("a"), hs256)
	var done sync.WaitGroup
	for range 4 {
		done.Go(func() {
			for range 2000 {
				if code := codeOf(v, token); code != "" {
					t.Errorf("refused with %s while keys changed", code)
					return
				}
			}
		})
	}
	for range 200 {
		v.SetKeys(b)
		v.SetFetched(a)
		v.SetKeys(a)
	}
	done.Wait()
}

func TestAKeyIDSelects(t *testing.T) {
	p := keyPairs(t)
	one, two := publicKey(t, "one", p.rsa), publicKey(t, "two", p.rsa2)
	v := verifierOf(one, two, publicKey(t, "one", p.ec), publicKey(t, "", p.ed))
	v.SetFetched(nil)
	for name, tt := range map[string]struct {
		method jwt.SigningMethod
		key    any
		header string
		code   string
	}{
		"its own":                   {jwt.SigningMethodRS256, p.rsa, `{"alg":"RS256","kid":"one"}`, ""},
		"escaped":                   {jwt.SigningMethodRS256, p.rsa, `{"alg":"RS256","kid":"\u006fne"}`, ""},
		"another key's":             {jwt.SigningMethodRS256, p.rsa, `{"alg":"RS256","kid":"two"}`, "token_signature"},
		"none: all are tried":       {jwt.SigningMethodRS256, p.rsa2, `{"alg":"RS256"}`, ""},
		"empty counts as none":      {jwt.SigningMethodRS256, p.rsa2, `{"alg":"RS256","kid":""}`, ""},
		"null counts as none":       {jwt.SigningMethodRS256, p.rsa2, `{"alg":"RS256","kid":null}`, ""},
		"shared, other algorithm":   {jwt.SigningMethodES256, p.ec, `{"alg":"ES256","kid":"one"}`, ""},
		"of a key of another kind":  {jwt.SigningMethodES256, p.ec, `{"alg":"ES256","kid":"two"}`, "token_signature"},
		"any, for a key without":    {jwt.SigningMethodEdDSA, p.ed, `{"alg":"EdDSA","kid":"whatever"}`, ""},
		"unknown":                   {jwt.SigningMethodRS256, p.rsa, `{"alg":"RS256","kid":"three"}`, "token_key_unknown"},
		"unknown, secret algorithm": {jwt.SigningMethodHS256, []byte("x"), `{"alg":"HS256","kid":"three"}`, "token_algorithm"},
		"a path":                    {jwt.SigningMethodRS256, p.rsa, `{"alg":"RS256","kid":"../../../dev/null"}`, "token_key_unknown"},
		"SQL":                       {jwt.SigningMethodRS256, p.rsa, `{"alg":"RS256","kid":"x' UNION SELECT 'key"}`, "token_key_unknown"},
		"a path, empty secret":      {jwt.SigningMethodHS256, []byte{}, `{"alg":"HS256","kid":"/dev/null"}`, "token_algorithm"},
		"in capitals":               {jwt.SigningMethodRS256, p.rsa, `{"alg":"RS256","kid":"ONE"}`, "token_key_unknown"},
		"with NUL behind it":        {jwt.SigningMethodRS256, p.rsa, `{"alg":"RS256","kid":"one\u0000"}`, "token_key_unknown"},
		"huge":                      {jwt.SigningMethodRS256, p.rsa, `{"alg":"RS256","kid":"` + strings.Repeat("k", 2000) + `"}`, "token_malformed"},
		"twice":                     {jwt.SigningMethodRS256, p.rsa, `{"alg":"RS256","kid":"one","kid":"one"}`, "token_malformed"},
		"a number":                  {jwt.SigningMethodRS256, p.rsa, `{"alg":"RS256","kid":1}`, "token_malformed"},
		"a list":                    {jwt.SigningMethodRS256, p.rsa, `{"alg":"RS256","kid":["one"]}`, "token_malformed"},
		"not UTF-8":                 {jwt.SigningMethodRS256, p.rsa, "{\"alg\":\"RS256\",\"kid\":\"one\xff\"}", "token_malformed"},
		"alg twice":                 {jwt.SigningMethodRS256, p.rsa, `{"alg":"RS256","kid":"one","alg":"RS256"}`, "token_malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := codeOf(v, signedBy(t, tt.method, tt.key, tt.header)); got != tt.code {
				t.Errorf("code %q, want %q", got, tt.code)
			}
		})
	}
}

// A missing key is told of once, and only where keys can come from elsewhere.
func TestAMissingKeyIsToldOf(t *testing.T) {
	p := keyPairs(t)
	token := signedBy(t, jwt.SigningMethodRS256, p.rsa, `{"alg":"RS256","kid":"new"}`)
	v := verifierOf(secretKey(t, HS256, "s"))
	if code := codeOf(v, token); code != "token_algorithm" || len(v.Missed()) != 0 {
		t.Errorf("without a source: %q", code)
	}
	v.SetFetched(nil)
	for range 3 {
		if code := codeOf(v, token); code != "token_key_unknown" {
			t.Errorf("before it comes: %q", code)
		}
	}
	if len(v.Missed()) != 1 {
		t.Errorf("%d notices", len(v.Missed()))
	}
	v.SetFetched(Keys{publicKey(t, "new", p.rsa)})
	if code := codeOf(v, token); code != "" || !v.Slow() {
		t.Errorf("when it has come: %q", code)
	}
	v.SetKeys(nil)
	if code := codeOf(v, token); code != "" {
		t.Errorf("after the others were replaced: %q", code)
	}
	v.SetFetched(Keys{publicKey(t, "newer", p.rsa2)})
	if code := codeOf(v, token); code != "token_key_unknown" {
		t.Errorf("after it was taken back: %q", code)
	}
}

func TestAForgedTokenIsTriedWithAFewKeys(t *testing.T) {
	p := keyPairs(t)
	var keys Keys
	for range maxTried {
		keys = append(keys, publicKey(t, "", p.rsa2))
	}
	token := signedBy(t, jwt.SigningMethodRS256, p.rsa, `{"alg":"RS256"}`)
	if codeOf(verifierOf(append(keys, publicKey(t, "", p.rsa))...), token) != "token_signature" ||
		codeOf(verifierOf(append(keys[1:], publicKey(t, "", p.rsa))...), token) != "" {
		t.Errorf("not %d", maxTried)
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

func TestIssuerAndAudience(t *testing.T) {
	for name, tt := range map[string]struct {
		issuer, audience, more, code string
	}{
		"not asked":                     {"", "", ``, ""},
		"not asked, whatever it is":     {"", "", `,"iss":1,"iss":2,"aud":{"x":[]}`, ""},
		"as asked":                      {"me", "us", `,"iss":"me","aud":"us"`, ""},
		"in a list":                     {"", "us", `,"aud":["them", "us"]`, ""},
		"escaped":                       {"me", "us", `,"iss":"\u006de","aud":["\u0075s"]`, ""},
		"another issuer":                {"me", "", `,"iss":"me2"`, "token_issuer"},
		"another case":                  {"me", "", `,"iss":"Me"`, "token_issuer"},
		"no issuer":                     {"me", "", ``, "token_issuer"},
		"issuer null":                   {"me", "", `,"iss":null`, "token_issuer"},
		"issuer a list":                 {"me", "", `,"iss":["me"]`, "token_issuer"},
		"issuer twice":                  {"me", "", `,"iss":"me","iss":"me"`, "token_claims"},
		"another audience":              {"", "us", `,"aud":"them"`, "token_audience"},
		"other audiences":               {"", "us", `,"aud":["them","usa"]`, "token_audience"},
		"no audience":                   {"", "us", ``, "token_audience"},
		"an empty audience":             {"", "us", `,"aud":""`, "token_audience"},
		"an empty list":                 {"", "us", `,"aud":[]`, "token_audience"},
		"audience a number":             {"", "us", `,"aud":1`, "token_audience"},
		"a list in the list":            {"", "us", `,"aud":[["us"]]`, "token_audience"},
		"an object":                     {"", "us", `,"aud":{"us":"us"}`, "token_audience"},
		"17 audiences":                  {"", "us", `,"aud":["us"` + strings.Repeat(`,"x"`, maxAudiences) + `]`, "token_audience"},
		"audience twice":                {"", "us", `,"aud":"us","aud":"us"`, "token_claims"},
		"both wrong: the issuer's told": {"me", "us", `,"iss":"x","aud":"y"`, "token_issuer"},
		"expired goes first":            {"me", "", `,"iss":"x","nbf":1800000000`, "token_not_yet_valid"},
	} {
		t.Run(name, func(t *testing.T) {
			v := NewVerifier(Secret(testSecret), Options{Now: testClock, Issuer: tt.issuer, Audience: tt.audience})
			if got := codeOf(v, forge(hs256, claims(tt.more))); got != tt.code {
				t.Errorf("code %q, want %q", got, tt.code)
			}
		})
	}
}

func TestAnExpiredTokenIsRefusedHoweverOften(t *testing.T) {
	p := keyPairs(t)
	now := int64(testNow)
	v := NewVerifier(Keys{publicKey(t, "", p.ed)}, Options{Now: func() time.Time { return time.Unix(now, 0) }})
	token := signedBy(t, jwt.SigningMethodEdDSA, p.ed, `{"alg":"EdDSA"}`)
	if code := codeOf(v, token); code != "" {
		t.Fatal(code)
	}
	now += 7200
	for range 2 {
		if code := codeOf(v, token); code != "token_expired" {
			t.Errorf("replayed: %q", code)
		}
	}
	now -= 7200 + 3600
	future := claims(`,"iat":1700000000`)
	signed := encode(`{"alg":"EdDSA"}`) + "." + encode(future)
	if code := codeOf(v, signed+"."+encode(string(ed25519.Sign(p.ed, []byte(signed))))); code != "token_not_yet_valid" {
		t.Errorf("from the future: %q", code)
	}
}
