package auth

import (
	"strings"
	"testing"
)

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

func TestEachDateHasTheLeeway(t *testing.T) {
	for name, tt := range map[string]struct{ payload, code string }{
		"exp now":                          {`{"sub":"` + testUser + `","exp":1700000000}`, ""},
		"exp 29 s ago":                     {`{"sub":"` + testUser + `","exp":1699999971}`, ""},
		"exp 30 s ago":                     {`{"sub":"` + testUser + `","exp":1699999970}`, "token_expired"},
		"exp 29.5 s ago counts as 30":      {`{"sub":"` + testUser + `","exp":1699999970.5}`, "token_expired"},
		"exp in the year 9999":             {`{"sub":"` + testUser + `","exp":253402300799}`, ""},
		"nbf in 30 s":                      {claims(`,"nbf":1700000030`), ""},
		"nbf in 31 s":                      {claims(`,"nbf":1700000031`), "token_not_yet_valid"},
		"iat in 30 s":                      {claims(`,"iat":1700000030`), ""},
		"iat in 31 s":                      {claims(`,"iat":1700000031`), "token_not_yet_valid"},
		"iat long ago":                     {claims(`,"iat":0`), ""},
		"expired before it was ever valid": {`{"sub":"` + testUser + `","exp":1,"nbf":1700000031}`, "token_expired"},
	} {
		t.Run(name, func(t *testing.T) { wantCode(t, forge(hs256, tt.payload), tt.code) })
	}
}
