package auth

import (
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// The methods below are how golang-jwt asks a payload for what it validates: the three dates, and where
// they are asked for issuer and audience.

// GetExpirationTime returns exp.
func (p *payload) GetExpirationTime() (*jwt.NumericDate, error) {
	return p.date(claimExpiresAt, p.ExpiresAt), nil
}

// GetNotBefore returns nbf, or nil.
func (p *payload) GetNotBefore() (*jwt.NumericDate, error) {
	return p.date(claimNotBefore, p.notBefore), nil
}

// GetIssuedAt returns iat, or nil.
func (p *payload) GetIssuedAt() (*jwt.NumericDate, error) {
	return p.date(claimIssuedAt, p.IssuedAt), nil
}

// GetIssuer returns iss, or nothing.
func (p *payload) GetIssuer() (string, error) { return p.issuer, nil }

// GetSubject returns nothing to validate: payload has taken sub itself.
func (p *payload) GetSubject() (string, error) { return "", nil }

// GetAudience returns aud, or nothing.
func (p *payload) GetAudience() (jwt.ClaimStrings, error) { return p.audience, nil }

func (p *payload) date(claim claimSet, seconds int64) *jwt.NumericDate {
	if p.stated&claim == 0 {
		return nil
	}
	return &jwt.NumericDate{Time: time.Unix(seconds, 0)}
}
