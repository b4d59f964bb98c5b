package auth

import "github.com/google/uuid"

// Revocation takes tokens back before they expire. Dates are in seconds since 1970.
type Revocation struct {
	TokenID      string // set: the token with this jti and no other
	UserID       uuid.UUID
	IssuedBefore int64 // TokenID not set: every token of the user's that was issued before; MaxInt64 is a ban
	Until        int64 // when it may be forgotten, because the tokens have expired or the ban is over
}
