package auth

import (
	"crypto/ed25519"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// FuzzVerify checks that any bytes get an answer, and that a token is accepted only if golang-jwt accepts it, too, with a
// key of the algorithm that the token states.
func FuzzVerify(f *testing.F) {
	p := keyPairs(f)
	good := goodToken(f)
	f.Add(good)
	f.Add(good[:len(good)-1])
	for _, token := range garbage() {
		f.Add(token)
	}
	private := map[Algorithm]any{HS256: testSecret, HS384: testSecret, HS512: testSecret, RS256: p.rsa, ES256: p.ec, EdDSA: p.ed}
	public := map[string]any{"HS256": testSecret, "HS384": testSecret, "HS512": testSecret, "RS256": p.rsa.Public(), "ES256": p.ec.Public(), "EdDSA": p.ed.Public()}
	for algorithm, key := range private {
		for _, more := range []string{``, `,"kid":"k"`, `,"kid":1`, `,"crit":["exp"]`, `,"alg":"none"`} {
			f.Add([]byte(signedBy(f, algorithm.method(), key, `{"alg":"`+string(algorithm)+`"`+more+`}`)))
		}
	}
	v := verifierOf(secretKey(f, HS256, string(testSecret)), secretKey(f, HS384, string(testSecret)), secretKey(f, HS512, string(testSecret)),
		publicKey(f, "", p.rsa), publicKey(f, "k", p.ec), publicKey(f, "", p.ed))
	v.SetFetched(nil)
	library := jwt.NewParser(jwt.WithTimeFunc(testClock), jwt.WithLeeway(Leeway))
	f.Fuzz(func(t *testing.T, token []byte) {
		c, fault := v.Verify(token)
		if fault != nil {
			return
		}
		if _, err := library.Parse(string(token), func(parsed *jwt.Token) (any, error) { return public[parsed.Method.Alg()], nil }); err != nil {
			t.Fatalf("accepted %q, which golang-jwt refuses: %v", token, err)
		}
		if fault := c.check(); fault != nil {
			t.Fatalf("accepted claims that are not good: %v", fault)
		}
	})
}

func TestTwoSecretsAreValidDuringARotation(t *testing.T) {
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

// TestAnUnknownKeyIsReported once, and only if keys are fetched.
func TestAnUnknownKeyIsReported(t *testing.T) {
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

func TestAnExpiredTokenIsRefusedEachTime(t *testing.T) {
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
