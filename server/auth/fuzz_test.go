package auth

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/golang-jwt/jwt/v5"
)

// FuzzVerify wants that any bytes get an answer, and that only what golang-jwt accepts too is accepted.
func FuzzVerify(f *testing.F) {
	good := goodToken(f)
	f.Add(good)
	f.Add(good[:len(good)-1])
	for _, token := range garbage() {
		f.Add(token)
	}
	library := jwt.NewParser(jwt.WithValidMethods([]string{"HS256"}), jwt.WithTimeFunc(testClock), jwt.WithLeeway(Leeway))
	f.Fuzz(func(t *testing.T, token []byte) {
		c, fault := testVerifier().Verify(token)
		if fault != nil {
			return
		}
		if _, err := library.Parse(string(token), func(*jwt.Token) (any, error) { return testSecret, nil }); err != nil {
			t.Fatalf("accepted %q, which golang-jwt refuses: %v", token, err)
		}
		if fault := c.check(); fault != nil {
			t.Fatalf("accepted claims that are not good: %v", fault)
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

// FuzzObject wants the walk to end on any bytes, and to see as many members of an object as encoding/json does.
func FuzzObject(f *testing.F) {
	f.Add([]byte(` {"a":[1,{"b":"\\\""}],"c":null , "d":-1e5}`))
	f.Add([]byte(`{"`))
	f.Add([]byte(`{"a":"\`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		seen := make(map[string]bool)
		o, _ := openObject(raw)
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
		var want map[string]json.RawMessage
		if json.Unmarshal(raw, &want) == nil && len(seen) != len(want) {
			t.Errorf("%d members of %d in %q", len(seen), len(want), raw)
		}
	})
}
