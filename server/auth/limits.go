package auth

import "time"

const (
	// MaxTokenBytes bounds a token before anything else is done with it. Tokens that this package signs have about 350
	// bytes; those of identity providers stay under 2 KiB; the request that carries a token may have 8 KiB.
	MaxTokenBytes = 4096

	// Leeway is how far the clocks of the signer and of this host may be apart. exp, nbf and iat all get it. 30 s
	// covers a host without NTP for some weeks and prolongs a stolen token's life by little.
	Leeway = 30 * time.Second

	// maxHeaderBytes bounds a header that is decoded before the signature has been verified, to find the public key
	// or the fault of the token. {"alg","typ","kid"} take 36 to 150 bytes of base64url, and the thumbprints of a
	// certificate 100 more.
	maxHeaderBytes = 512

	// RSA keys below 2048 bits can be factored with enough money (RFC 7518 §3.3 forbids them). Verifying with 8192 bits
	// takes 16 times as long, and no issuer uses more. An exponent of more than 32 bits would make verifying as slow
	// as signing.
	minRSABits     = 2048
	maxRSABits     = 8192
	maxRSAExponent = 1<<31 - 1

	// maxSignatureBytes is the longest signature a public key makes: as long as the largest RSA modulus.
	maxSignatureBytes = maxRSABits / 8

	// maxPEMKeys bounds a file of keys. During a rotation it has two; an issuer with a key for each region has more.
	maxPEMKeys = 16

	// maxTried bounds how many keys are tried for one token, and with that the cost of a forged one: 8 checks of RSA or
	// P-256 take half a millisecond. A token that names its key is checked with that one only.
	maxTried = 8

	// MaxUsernameBytes bounds a name, which is sent to every user online in user_joined and user_left.
	MaxUsernameBytes = 128

	// MaxEmailBytes is the longest path SMTP can carry (RFC 5321 §4.5.3.1.3, less the two brackets).
	MaxEmailBytes = 254

	// maxIDBytes bounds jti: a UUID takes 36 bytes, a SHA-512 in hexadecimal 128.
	maxIDBytes = 128

	// maxAudiences bounds the list in aud. Tokens in use name one to three audiences.
	maxAudiences = 16

	// maxPatterns and maxPatternBytes bound the lists in the claim topics. A topic has at most 128 bytes.
	maxPatterns     = 64
	maxPatternBytes = 128

	// MaxUnixSeconds is the last second of the year 9999, where RFC 3339 ends. A later date is a mistake, most often
	// milliseconds written for seconds.
	MaxUnixSeconds = 253402300799

	// MaxRevocations bounds the revocations kept in memory, at some 220 bytes each: 14 MiB. Those of one user are one
	// entry, and so are those of one token. One with an end makes room when it has ended; a service that has to revoke
	// more than 65,536 tokens without knowing when they expire changes the key instead.
	MaxRevocations = 1 << 16

	// expireBatch bounds how many ended revocations are removed under one lock, at about a microsecond each.
	expireBatch = 512
)
