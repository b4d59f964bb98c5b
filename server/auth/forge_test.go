package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"testing"
	"time"
)

var testSecret = []byte("0123456789abcdef0123456789abcdef")

const (
	testNow  = 1_700_000_000 // seconds since 1970
	testUser = "7b0e8c9a-54b4-4d0c-8c0f-3f0d6c0f2a11"
	hs256    = `{"alg":"HS256","typ":"JWT"}`
)

func testVerifier() *Verifier {
	return NewVerifier(Secret(testSecret), Options{Now: testClock})
}

func testClock() time.Time { return time.Unix(testNow, 0) }

// forge signs any header and payload, well formed or not.
func forge(header, payload string) string {
	signed := encode(header) + "." + encode(payload)
	return signed + "." + encode(mac(testSecret, signed))
}

func encode(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func mac(secret []byte, signed string) string {
	m := hmac.New(sha256.New, secret)
	m.Write([]byte(signed))
	return string(m.Sum(nil))
}

// claims is the payload of a good token with more members added to it.
func claims(more string) string {
	return `{"sub":"` + testUser + `","username":"alice","exp":1700003600` + more + `}`
}

// wantCode fails the test unless the token is refused with code; an empty code wants it accepted.
func wantCode(t *testing.T, token, code string) Claims {
	t.Helper()
	c, fault := testVerifier().Verify([]byte(token))
	got := ""
	if fault != nil {
		got = fault.Code
		if c != (Claims{}) {
			t.Errorf("a refused token gave claims: %+v", c)
		}
		if fault.Message == "" {
			t.Error("refused without advice")
		}
	}
	if got != code {
		t.Errorf("code %q, want %q (token %.120q)", got, code, token)
	}
	return c
}
