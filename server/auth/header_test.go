package auth

import (
	"encoding/json"
	"testing"
)

// FuzzHeader checks that a header is parsed as encoding/json parses it, or refused.
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
