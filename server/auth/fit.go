package auth

import (
	"slices"
	"time"
)

// validate returns why the claims are not valid at a time, in seconds since 1970. Dates come first, because an expired
// token is the usual case. Each date has the leeway (RFC 7519 §4.1.4 and §4.1.5).
func (p *payload) validate(required *Options, now int64) *Error {
	const leeway = int64(Leeway / time.Second)
	switch {
	case now >= p.ExpiresAt+leeway:
		return errExpired
	case p.stated&claimNotBefore != 0 && now < p.notBefore-leeway:
		return errNotBefore
	case p.stated&claimIssuedAt != 0 && now < p.IssuedAt-leeway:
		return errIssued
	case required.Issuer != "" && p.issuer != required.Issuer:
		return errIssuer
	case required.Audience != "" && !slices.Contains(p.audience, required.Audience):
		return errAudience
	}
	return nil
}
