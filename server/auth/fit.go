package auth

import (
	"slices"
	"time"
)

// fit says what speaks against a token's claims now, in seconds since 1970: first its dates, for a token that has
// expired is the usual case. Each date has the leeway (RFC 7519 §4.1.4 and §4.1.5).
func (p *payload) fit(asked *Options, now int64) *Error {
	const leeway = int64(Leeway / time.Second)
	switch {
	case now >= p.ExpiresAt+leeway:
		return errExpired
	case p.stated&claimNotBefore != 0 && now < p.notBefore-leeway:
		return errNotBefore
	case p.stated&claimIssuedAt != 0 && now < p.IssuedAt-leeway:
		return errIssued
	case asked.Issuer != "" && p.issuer != asked.Issuer:
		return errIssuer
	case asked.Audience != "" && !slices.Contains(p.audience, asked.Audience):
		return errAudience
	}
	return nil
}
