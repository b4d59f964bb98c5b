package crowd

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"hash"
	"time"

	"github.com/google/uuid"
)

// tokenLife is longer than any run.
const tokenLife = 24 * time.Hour

// header is {"alg":"HS256","typ":"JWT"}.
const header = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."

// tokens signs tokens as they are needed: those of a million users would take half a gigabyte.
type tokens struct {
	mac     hash.Hash
	now     int64
	claims  []byte // memory of the last token
	signing []byte
}

func newTokens(secret string, now time.Time) *tokens {
	return &tokens{mac: hmac.New(sha256.New, []byte(secret)), now: now.Unix()}
}

// UserID returns the id of a user.
func UserID(user int) uuid.UUID { return uuid.NewSHA1(uuid.NameSpaceOID, fmt.Append(nil, user)) }

// Token returns the token of a user, for clients of another kind.
func Token(secret string, user int) string {
	return string(newTokens(secret, time.Now()).append(nil, user))
}

// append appends the token of a user.
func (t *tokens) append(b []byte, user int) []byte {
	id := UserID(user)
	jti := id
	jti[0] ^= 0xff
	t.claims = fmt.Appendf(t.claims[:0], `{"sub":"%s","username":"user%07d","email":"user%07d@example.com","jti":"%s","iat":%d,"exp":%d}`,
		id, user, user, jti, t.now, t.now+int64(tokenLife/time.Second))
	t.signing = base64.RawURLEncoding.AppendEncode(append(t.signing[:0], header...), t.claims)
	t.mac.Reset()
	t.mac.Write(t.signing)
	b = append(append(b, t.signing...), '.')
	return base64.RawURLEncoding.AppendEncode(b, t.mac.Sum(t.claims[:0]))
}
