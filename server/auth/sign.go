package auth

import (
	"errors"

	"github.com/golang-jwt/jwt/v5"
)

// Sign returns a token that says c, signed with secret. It refuses claims that Verify would refuse whatever
// the time is.
func Sign(secret []byte, c Claims) (string, error) {
	if len(secret) == 0 {
		return "", errors.New("there is no secret to sign with: set JWT_SECRET to the server's")
	}
	if fault := c.check(); fault != nil {
		return "", fault
	}
	claims := jwt.MapClaims{"sub": c.UserID.String(), "username": c.Username, "exp": c.ExpiresAt}
	if c.Email != "" {
		claims["email"] = c.Email
	}
	if c.ID != "" {
		claims["jti"] = c.ID
	}
	if c.IssuedAt != 0 {
		claims["iat"] = c.IssuedAt
	}
	return jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(secret)
}
