package auth

// Error is the reason for refusing a token. Code is for programs; Message tells people how to fix it. The values are
// made once, so that a refusal allocates nothing and quotes nothing of the token.
type Error struct{ Code, Message string }

// Error returns the message. A nil *Error in an error variable is not a nil error, so functions return *Error.
func (e *Error) Error() string { return e.Message }

var (
	errMissing = &Error{"token_missing", "send a token: ?token=, Authorization: Bearer, or Sec-WebSocket-Protocol: momentum, TOKEN"}

	errTooLong = &Error{"token_malformed", "the token is longer than 4096 bytes: sign fewer claims"}
	errShape   = &Error{"token_malformed", "the token is not a JWT, three base64url parts joined by dots: check that it was copied whole"}
	errHeader  = &Error{"token_malformed", "the token's header is not a JSON object of ordinary size: get a new token"}
	errPayload = &Error{"token_malformed", "the token's claims are not JSON in base64url: get a new token"}

	errCritical   = &Error{"token_algorithm", "the token's header has \"crit\", and no extension is supported: sign without it"}
	errSignature  = &Error{"token_signature", "the token is not signed with a key of this server (JWT_SECRET, JWT_PUBLIC_KEY_FILE, JWKS_URL): get a new token"}
	errNoKey      = &Error{"token_signature", "this server has no key to verify with and accepts no token: its operator has to set JWT_SECRET, JWT_PUBLIC_KEY_FILE or JWKS_URL"}
	errKeyUnknown = &Error{"token_key_unknown", "the token names a key (kid) this server does not have: try again in ten seconds if keys have just been changed, else get a new token"}

	errExpired   = &Error{"token_expired", "the token has expired: get a new token"}
	errNotBefore = &Error{"token_not_yet_valid", "the token is not valid yet (nbf): wait, or check the clocks of the signer and the server"}
	errIssued    = &Error{"token_not_yet_valid", "the token was issued in the future (iat): check the clocks of the signer and the server"}

	errIssuer   = &Error{"token_issuer", "the token is not from the issuer that this server trusts (iss; the server's JWT_ISSUER): get one from there"}
	errAudience = &Error{"token_audience", "the token is not meant for this server (aud; the server's JWT_AUDIENCE): get one that is"}

	errNotObject = &Error{"token_claims", "the token's claims must be a JSON object"}
	errTwice     = &Error{"token_claims", "the token states a claim twice: sign each claim once"}
	errNoExpiry  = &Error{"token_claims", "the token needs the claim exp, in seconds since 1970"}
	errDate      = &Error{"token_claims", "exp, nbf and iat must be numbers of seconds since 1970 (not milliseconds, not text)"}
	errSubject   = &Error{"token_claims", "the token needs the claim sub, the user's id as a UUID like 7b0e8c9a-54b4-4d0c-8c0f-3f0d6c0f2a11"}
	errUsername  = &Error{"token_claims", "the claim username must be 1 to 128 bytes of text without control characters"}
	errEmail     = &Error{"token_claims", "the claim email must be at most 254 bytes of text without control characters"}
	errTopics    = &Error{"token_claims", "the claim topics must be an object with lists of up to 64 patterns under subscribe, publish and join: 1 to 128 characters of A-Z, a-z, 0-9 and _.:-, with ${user_id}, and * at the end"}
	errID        = &Error{"token_claims", "the claim jti must be at most 128 bytes of text without control characters"}
)
