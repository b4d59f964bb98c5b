package auth

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/uuid"
)

func TestClaimsAreReturnedAsSigned(t *testing.T) {
	user := uuid.MustParse(testUser)
	for name, tt := range map[string]struct {
		payload string
		want    Claims
	}{
		"all of them": {
			claims(`,"email":"alice@example.com","jti":"j-1","iat":1699999990`),
			Claims{user, "alice", "alice@example.com", "j-1", 1699999990, 1700003600, nil},
		},
		"the fewest":              {`{"sub":"` + testUser + `","exp":1700000001}`, Claims{UserID: user, Username: testUser, ExpiresAt: 1700000001}},
		"username null":           {`{"username":null,"sub":"` + testUser + `","exp":1700000001}`, Claims{UserID: user, Username: testUser, ExpiresAt: 1700000001}},
		"sub in capitals":         {strings.Replace(claims(""), testUser, strings.ToUpper(testUser), 1), Claims{UserID: user, Username: "alice", ExpiresAt: 1700003600}},
		"fractions of a second":   {claims(`,"iat":1699999990.75`), Claims{user, "alice", "", "", 1699999990, 1700003600, nil}},
		"exponents":               {claims(`,"iat":1.6e9`), Claims{user, "alice", "", "", 1600000000, 1700003600, nil}},
		"escaped names and text":  {claims(`,"\u0065mail":"\u0061@example.com"`), Claims{user, "alice", "a@example.com", "", 0, 1700003600, nil}},
		"white space":             {" {\n\t\"sub\" : \"" + testUser + "\" ,\r\n \"exp\" :1700000001 } ", Claims{UserID: user, Username: testUser, ExpiresAt: 1700000001}},
		"others passed over":      {claims(`,"aud":["a","b"],"iss":"x","deep":{"sub":"x","l":[{"exp":1},"]}\\\""]},"jti":"j"`), Claims{user, "alice", "", "j", 0, 1700003600, nil}},
		"others twice":            {claims(`,"x":1,"x":2`), Claims{UserID: user, Username: "alice", ExpiresAt: 1700003600}},
		"others that are no text": {claims(`,"` + "\xff" + `":"` + "\xff" + `"`), Claims{UserID: user, Username: "alice", ExpiresAt: 1700003600}},
		"name of 128 bytes":       {strings.Replace(claims(""), "alice", strings.Repeat("é", 64), 1), Claims{UserID: user, Username: strings.Repeat("é", 64), ExpiresAt: 1700003600}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := wantCode(t, forge(hs256, tt.payload), ""); got != tt.want {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

// RFC 7519 §4: names are case-sensitive. With encoding/json alone the second one would win.
func TestNamesOfClaimsAreCaseSensitive(t *testing.T) {
	got := wantCode(t, forge(hs256, claims(`,"Sub":"00000000-0000-4000-8000-000000000001","USERNAME":"root","Exp":1`)), "")
	if got.UserID.String() != testUser || got.Username != "alice" || got.ExpiresAt != 1700003600 {
		t.Errorf("%+v", got)
	}
}

func TestClaimsThatAreRefused(t *testing.T) {
	without := func(member string) string { return strings.Replace(claims(`,"x":0`), member+",", "", 1) }
	sub := func(value string) string { return strings.Replace(claims(""), `"`+testUser+`"`, value, 1) }
	name := func(value string) string { return strings.Replace(claims(""), `"alice"`, value, 1) }
	exp := func(value string) string { return strings.Replace(claims(""), "1700003600", value, 1) }
	for label, tt := range map[string]struct{ payload, code string }{
		"null":                    {`null`, "token_claims"},
		"a list":                  {`[]`, "token_claims"},
		"a string":                {`"sub"`, "token_claims"},
		"empty":                   {`{}`, "token_claims"},
		"not JSON":                {`{"sub":`, "token_malformed"},
		"two objects":             {claims("") + `{}`, "token_malformed"},
		"too deep":                {strings.Repeat("[", 2900), "token_malformed"},
		"no sub":                  {without(`"sub":"` + testUser + `"`), "token_claims"},
		"no exp":                  {without(`"exp":1700003600`), "token_claims"},
		"sub empty":               {sub(`""`), "token_claims"},
		"sub null":                {sub(`null`), "token_claims"},
		"sub a number":            {sub(`1`), "token_claims"},
		"sub an object":           {sub(`{}`), "token_claims"},
		"sub a name":              {sub(`"alice"`), "token_claims"},
		"sub without hyphens":     {sub(`"` + strings.ReplaceAll(testUser, "-", "") + `"`), "token_claims"},
		"sub in braces":           {sub(`"{` + testUser + `}"`), "token_claims"},
		"sub a URN":               {sub(`"urn:uuid:` + testUser + `"`), "token_claims"},
		"sub of 36 other bytes":   {sub(`"` + strings.Repeat("z", 36) + `"`), "token_claims"},
		"sub nil UUID":            {sub(`"00000000-0000-0000-0000-000000000000"`), "token_claims"},
		"sub twice":               {claims(`,"sub":"` + testUser + `"`), "token_claims"},
		"sub twice, escaped":      {claims(`,"s\u0075b":"` + testUser + `"`), "token_claims"},
		"exp twice":               {claims(`,"exp":1700003600`), "token_claims"},
		"username twice":          {claims(`,"username":"bob"`), "token_claims"},
		"username empty":          {name(`""`), "token_claims"},
		"username a number":       {name(`7`), "token_claims"},
		"username a list":         {name(`["alice"]`), "token_claims"},
		"username of 129 bytes":   {name(`"` + strings.Repeat("a", 129) + `"`), "token_claims"},
		"username huge":           {name(`"` + strings.Repeat("a", 2800) + `"`), "token_claims"},
		"username not UTF-8":      {name("\"a\xff\""), "token_claims"},
		"username with NUL":       {name(`"a\u0000"`), "token_claims"},
		"username with an escape": {name(`"\u001b[2J"`), "token_claims"},
		"username with C1":        {name(`"\u009b2J"`), "token_claims"},
		"email of 255 bytes":      {claims(`,"email":"` + strings.Repeat("a", 255) + `"`), "token_claims"},
		"email a boolean":         {claims(`,"email":true`), "token_claims"},
		"email with a line break": {claims(`,"email":"a@b\nBcc: c"`), "token_claims"},
		"jti of 129 bytes":        {claims(`,"jti":"` + strings.Repeat("a", 129) + `"`), "token_claims"},
		"jti a number":            {claims(`,"jti":1`), "token_claims"},
		"exp text":                {exp(`"1700003600"`), "token_claims"},
		"exp null":                {exp(`null`), "token_claims"},
		"exp true":                {exp(`true`), "token_claims"},
		"exp a list":              {exp(`[1700003600]`), "token_claims"},
		"exp an object":           {exp(`{}`), "token_claims"},
		"exp negative":            {exp(`-1`), "token_claims"},
		"exp in milliseconds":     {exp(`1700003600000`), "token_claims"},
		"exp past int64":          {exp(`99999999999999999999`), "token_claims"},
		"exp past float64":        {exp(`1e999`), "token_claims"},
		"exp zero":                {exp(`0`), "token_expired"},
		"exp a fraction of zero":  {exp(`1e-400`), "token_expired"},
		"nbf text":                {claims(`,"nbf":"0"`), "token_claims"},
		"iat negative":            {claims(`,"iat":-1`), "token_claims"},
		"iat past float64":        {claims(`,"iat":1e400`), "token_claims"},
	} {
		t.Run(label, func(t *testing.T) { wantCode(t, forge(hs256, tt.payload), tt.code) })
	}
}

// FuzzPayload signs the claims it is given, so that they are decoded, and compares the result with encoding/json's.
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
