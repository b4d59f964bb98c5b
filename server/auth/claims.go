package auth

import (
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
)

// Claims are the claims of a token about its user.
type Claims struct {
	UserID   uuid.UUID // sub
	Username string    // the user id, if the token has no username
	Email    string    // may be empty
	ID       string    // jti; may be empty
	// In seconds since 1970. IssuedAt is 0 if the token has no iat.
	IssuedAt, ExpiresAt int64
	Topics              *Topics // nil if the token has no topics
}

// check validates the claims, except for their dates. Signing and verifying share it, so that no token is signed that
// every server would refuse.
func (c *Claims) check() *Error {
	switch {
	case c.UserID == uuid.Nil: // RFC 9562 §5.9: the nil UUID means no id, and looks the same as an absent one
		return errSubject
	case c.Username == "" || !isText(c.Username, MaxUsernameBytes):
		return errUsername
	case !isText(c.Email, MaxEmailBytes):
		return errEmail
	case !isText(c.ID, maxIDBytes):
		return errID
	}
	return nil
}

// isText reports whether s can be shown on one line of a page, a terminal or a log.
func isText(s string, maxBytes int) bool {
	if len(s) > maxBytes || !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if r < ' ' || r >= 0x7f && unicode.IsControl(r) {
			return false
		}
	}
	return true
}
