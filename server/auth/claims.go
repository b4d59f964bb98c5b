package auth

import (
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
)

// Claims is what a token says about its user.
type Claims struct {
	UserID   uuid.UUID // sub
	Username string    // the user id, if the token has no username
	Email    string    // may be empty
	ID       string    // jti; may be empty
	// Seconds since 1970. IssuedAt is 0 if the token does not say.
	IssuedAt, ExpiresAt int64
}

// check returns what is wrong with the claims apart from their dates. Signing and verifying ask the same
// questions, so that nobody signs a token no server takes.
func (c *Claims) check() *Error {
	switch {
	case c.UserID == uuid.Nil: // RFC 9562 §5.9: it stands for no id, and would look like an absent one
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
