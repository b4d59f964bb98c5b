package auth

import (
	"encoding/json"
	"testing"
)

// FuzzObject checks that the iteration ends on any bytes, and agrees with encoding/json on validity and the number of
// members.
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
		if len(raw) > MaxTokenBytes { // encoding/json refuses a nesting deeper than 10,000
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
		if valid := isObject && json.Valid(raw); o.valid() != valid {
			t.Fatalf("%q: valid is %v, and encoding/json says %v", raw, o.valid(), valid)
		}
		var want map[string]json.RawMessage
		if json.Unmarshal(raw, &want) == nil && len(seen) != len(want) {
			t.Errorf("%d members of %d in %q", len(seen), len(want), raw)
		}
	})
}
