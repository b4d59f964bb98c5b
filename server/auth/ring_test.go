package auth

import (
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

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
		"with NUL at the end":       {jwt.SigningMethodRS256, p.rsa, `{"alg":"RS256","kid":"one\u0000"}`, "token_key_unknown"},
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
