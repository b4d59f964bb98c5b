package auth

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/golang-jwt/jwt/v5"
)

// FuzzVerify wants that any bytes get an answer, and that only what golang-jwt accepts too, with a key of the algorithm
// that the token states, is accepted.
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

// FuzzHeader wants that a header is read as encoding/json reads it, or refused.
func FuzzHeader(f *testing.F) {
	for _, text := range []string{`{"alg":"HS256","kid":"k"}`, `{"alg":"none"}`, `{"\u0061lg":"ES256","kid":null,"crit":[]}`, `{"alg":"RS256","x":{"alg":"HS256"}}`, `[]`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		h, fault := parseHeader(raw)
		if fault != nil {
			return
		}
		var members map[string]any
		if err := json.Unmarshal(raw, &members); err != nil {
			t.Fatalf("accepted %q: %v", raw, err)
		}
		if alg, _ := members["alg"].(string); h.algorithm != "" && alg != string(h.algorithm) {
			t.Errorf("alg is %v, taken as %q", members["alg"], h.algorithm)
		}
		if kid, _ := members["kid"].(string); kid != h.keyID {
			t.Errorf("kid is %v, taken as %q", members["kid"], h.keyID)
		}
		if _, critical := members["crit"]; critical != h.critical {
			t.Errorf("crit is %v", members["crit"])
		}
	})
}

// FuzzPayload signs whatever claims it is given, so that they are decoded, and compares what was taken with
// what encoding/json makes of them.
func FuzzPayload(f *testing.F) {
	f.Add([]byte(claims(`,"email":"a","jti":"\u00e9","iat":1.5,"nbf":0,"x":[{"sub":1},"]"],"y":{"z":null}`)))
	f.Add([]byte(`{"sub":"` + testUser + `","exp":1700000001}`))
	f.Add([]byte(`{"s\u0075b":null,"exp":"1"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		token := forge(hs256, string(raw))
		c, fault := testVerifier().Verify([]byte(token))
		if fault != nil {
			return
		}
		var members map[string]any
		if err := json.Unmarshal(raw, &members); err != nil {
			t.Fatalf("accepted claims that are not JSON: %v", err)
		}
		if members["exp"] == nil || int64(members["exp"].(float64)) != c.ExpiresAt {
			t.Errorf("exp is %v, taken as %d", members["exp"], c.ExpiresAt)
		}
		if id, ok := members["jti"].(string); ok && id != c.ID || !ok && c.ID != "" {
			t.Errorf("jti is %v, taken as %q", members["jti"], c.ID)
		}
		if name, ok := members["username"].(string); ok && name != c.Username || !utf8.ValidString(c.Username) {
			t.Errorf("username is %v, taken as %q", members["username"], c.Username)
		}
	})
}

// FuzzObject wants the walk to end on any bytes, to take for JSON what encoding/json does, and to see as many members.
func FuzzObject(f *testing.F) {
	f.Add([]byte(` {"a":[1,{"b":"\\\""}],"c":null , "d":-1e5}`))
	for _, text := range []string{
		`{"`, `{}`, `{} `, `{}}`, `{,}`, `{"a":1,}`, `{"a":[1,]}`, `{"a":[,1]}`, `{"a" 1}`, `{"a":}`, `{"a":1 "b":2}`, `{"a":]}`, `{"a":[}}`,
		`{"a":01}`, `{"a":-}`, `{"a":1.}`, `{"a":.5}`, `{"a":1e}`, `{"a":1E+5}`, `{"a":+1}`, `{"a":tru}`, `{"a":nulll}`, `{"a":NaN}`,
		"{\"a\":\"\t\"}", "{\"a\":\"\x7f\xff\"}", "{\"a\":1\v}", "\ufeff{}", `{"a":"\u00e"}`, `{"a":"\u00G0"}`, `{"a":"\x"}`, `{"\u0061":"\uD800"}`, `{'a':1}`,
		`{"a":{"b":[{"c":[]},{}]}}`, `{"a":{"b":1}`, `{"a":"b}`, `{"a":1}/**/`,
	} {
		f.Add([]byte(text))
	}
	f.Add([]byte(`{"a":"\`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) > MaxTokenBytes { // encoding/json refuses what is nested 10,000 times
			return
		}
		seen := make(map[string]bool)
		o, isObject := openObject(raw)
		for {
			name, value, more := o.next()
			if !more {
				break
			}
			var text string
			if json.Unmarshal(name, &text) == nil {
				seen[text] = true
			}
			if json.Valid(raw) && !json.Valid(value) {
				t.Fatalf("%q is no value of %q", value, raw)
			}
		}
		if valid := isObject && json.Valid(raw); o.sound() != valid {
			t.Fatalf("%q: sound is %v, and encoding/json says %v", raw, o.sound(), valid)
		}
		var want map[string]json.RawMessage
		if json.Unmarshal(raw, &want) == nil && len(seen) != len(want) {
			t.Errorf("%d members of %d in %q", len(seen), len(want), raw)
		}
	})
}
