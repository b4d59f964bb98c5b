package auth

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

// signedWith signs a good payload with another algorithm or key.
func signedWith(t *testing.T, method jwt.SigningMethod, key crypto.PrivateKey) string {
	t.Helper()
	token, err := jwt.NewWithClaims(method, jwt.MapClaims{"sub": testUser, "exp": testNow + 60}).SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestForgedTokensAreRefused(t *testing.T) {
	good := forge(hs256, claims(""))
	body, signature := good[:strings.LastIndexByte(good, '.')], good[strings.LastIndexByte(good, '.')+1:]
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	unsigned := func(alg string) string { return encode(`{"alg":`+alg+`}`) + "." + encode(claims("")) + "." }
	for name, tt := range map[string]struct{ token, code string }{
		"good":                          {good, ""},
		"empty":                         {"", "token_missing"},
		"4097 bytes":                    {strings.Repeat("a", MaxTokenBytes+1), "token_malformed"},
		"4096 bytes without a dot":      {strings.Repeat("a", MaxTokenBytes), "token_malformed"},
		"dots alone":                    {"..", "token_malformed"},
		"4096 dots":                     {strings.Repeat(".", MaxTokenBytes), "token_malformed"},
		"one part":                      {encode(hs256), "token_malformed"},
		"two parts":                     {body, "token_malformed"},
		"four parts":                    {good + ".", "token_malformed"},
		"no payload":                    {encode(hs256) + "..x", "token_malformed"},
		"signature cut off":             {body + ".", "token_signature"},
		"signature one character less":  {good[:len(good)-1], "token_signature"},
		"signature one character more":  {good + "A", "token_signature"},
		"signature with padding":        {good + "=", "token_malformed"},
		"signature in another alphabet": {body + "." + strings.Repeat("+", len(signature)), "token_malformed"},
		"signature with a line break":   {good[:len(good)-4] + "\n" + good[len(good)-4:], "token_malformed"},
		"signature of zeroes":           {body + "." + strings.Repeat("A", len(signature)), "token_signature"},
		"signature of another token":    {body + "." + encode(mac(testSecret, "x.y")), "token_signature"},
		"payload changed":               {encode(hs256) + "." + encode(claims(`,"jti":"x"`)) + "." + signature, "token_signature"},
		"payload of an odd length":      {encode(hs256) + ".AAAAA." + signature, "token_malformed"},
		"signed with another secret":    {body + "." + encode(mac([]byte("another"), body)), "token_signature"},
		"signed with an empty secret":   {body + "." + encode(mac(nil, body)), "token_signature"},
		"alg none":                      {unsigned(`"none"`), "token_algorithm"},
		"alg None":                      {unsigned(`"None"`), "token_algorithm"},
		"alg empty":                     {unsigned(`""`), "token_algorithm"},
		"alg missing":                   {encode(`{}`) + "." + encode(claims("")) + ".", "token_algorithm"},
		"alg a number":                  {unsigned(`256`), "token_malformed"},
		"alg HS256 without signature":   {unsigned(`"HS256"`), "token_signature"},
		"HS384 with our secret":         {signedWith(t, jwt.SigningMethodHS384, testSecret), "token_algorithm"},
		"HS512 with our secret":         {signedWith(t, jwt.SigningMethodHS512, testSecret), "token_algorithm"},
		"ES256":                         {signedWith(t, jwt.SigningMethodES256, ecKey), "token_algorithm"},
		"header not base64url":          {"!!!!." + encode(claims("")) + "." + signature, "token_malformed"},
		"header not JSON":               {encode("alg=HS256") + "." + encode(claims("")) + "." + signature, "token_malformed"},
		"header too long to look at":    {strings.Repeat("A", maxHeaderBytes+4) + "." + encode(claims("")) + "." + signature, "token_malformed"},
		"bytes that are not text":       {"\xff\x00.\x80.\xfe", "token_malformed"},
	} {
		t.Run(name, func(t *testing.T) { wantCode(t, tt.token, tt.code) })
	}
}

// TestSignedHeadersThatAreRefused: even a signer with the secret does not choose the algorithm (RFC 8725 §3.1).
func TestSignedHeadersThatAreRefused(t *testing.T) {
	for name, tt := range map[string]struct{ header, code string }{
		"good":                 {`{"typ":"at+jwt","kid":"1","alg":"HS256"}`, ""},
		"alg none":             {`{"alg":"none"}`, "token_algorithm"},
		"alg HS384":            {`{"alg":"HS384"}`, "token_algorithm"},
		"alg RS256":            {`{"alg":"RS256"}`, "token_algorithm"},
		"alg hs256":            {`{"alg":"hs256"}`, "token_algorithm"},
		"alg unheard of":       {`{"alg":"XS1"}`, "token_algorithm"},
		"alg a list":           {`{"alg":["HS256"]}`, "token_malformed"},
		"alg missing":          {`{"ALG":"HS256"}`, "token_algorithm"},
		"alg twice":            {`{"alg":"HS256","alg":"none"}`, "token_malformed"},
		"alg twice, escaped":   {`{"alg":"HS256","\u0061lg":"HS256"}`, "token_malformed"},
		"kid twice":            {`{"alg":"HS256","kid":"a","kid":"a"}`, "token_malformed"},
		"kid a number":         {`{"alg":"HS256","kid":1}`, "token_malformed"},
		"alg null":             {`{"alg":null}`, "token_algorithm"},
		"null":                 {`null`, "token_malformed"},
		"a list":               {`[]`, "token_malformed"},
		"not JSON":             {`{"alg"`, "token_malformed"},
		"RFC 7515 §4.1.11":     {`{"alg":"HS256","crit":["exp"],"exp":1}`, "token_algorithm"},
		"RFC 7797 §6, not b64": {`{"alg":"HS256","b64":false,"crit":["b64"]}`, "token_algorithm"},
	} {
		t.Run(name, func(t *testing.T) { wantCode(t, forge(tt.header, claims("")), tt.code) })
	}
}

func TestSignedPartsThatAreNotBase64AreRefused(t *testing.T) {
	sign := func(signed string) string { return signed + "." + encode(mac(testSecret, signed)) }
	wantCode(t, sign("!!!!."+encode(claims(""))), "token_malformed")
	wantCode(t, sign(encode(hs256)+".!!!!"), "token_malformed")
	wantCode(t, sign(encode(hs256)+"."+encode(claims(""))+"A"), "token_malformed")
}

// TestASignatureHasOneSpelling: the last character of an HS256 signature has two unused bits.
func TestASignatureHasOneSpelling(t *testing.T) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	good := forge(hs256, claims(""))
	last := strings.IndexByte(alphabet, good[len(good)-1])
	wantCode(t, good, "")
	for spare := 1; spare < 4; spare++ {
		wantCode(t, good[:len(good)-1]+alphabet[last+spare:last+spare+1], "token_signature")
	}
}

func TestWithoutASecretEveryTokenIsRefused(t *testing.T) {
	signed := encode(hs256) + "." + encode(claims(""))
	for _, secret := range [][]byte{nil, {}} {
		v := NewVerifier(Secret(secret), Options{})
		if _, fault := v.Verify([]byte(signed + "." + encode(mac(secret, signed)))); fault == nil || fault.Code != "token_signature" {
			t.Errorf("fault %v", fault)
		}
	}
}

func TestTheSecretIsCopied(t *testing.T) {
	secret := []byte("changed later")
	token, err := Sign(secret, Claims{UserID: UserID("a@example.com"), Username: "a", ExpiresAt: 1 << 33})
	if err != nil {
		t.Fatal(err)
	}
	v := NewVerifier(Secret(secret), Options{Now: testClock})
	clear(secret)
	if _, fault := v.Verify([]byte(token)); fault != nil {
		t.Error(fault)
	}
}
