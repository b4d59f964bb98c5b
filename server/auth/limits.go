package auth

import "time"

const (
	// MaxTokenBytes bounds a token before anything else is done with it. Ours are about 350 bytes; identity
	// providers that add claims stay under 2 KiB; and the whole request that carries it has 8 KiB.
	MaxTokenBytes = 4096

	// Leeway is how far the clocks of the signer and of this host may be apart: exp, nbf and iat are all
	// given it. 30 s covers a host without NTP for some weeks and prolongs a stolen token's life by little.
	Leeway = 30 * time.Second

	// ShortSecretBytes is the length below which a secret is warned about: RFC 7518 §3.2 wants a key for
	// HS256 to be no shorter than the hash, for a shorter one can be searched for offline with one token.
	ShortSecretBytes = 32

	// maxHeaderBytes bounds the header of an unsigned token that is decoded only to say what is wrong with
	// it. {"alg","typ","kid"} take 36 to 150 bytes of base64url.
	maxHeaderBytes = 512

	// maxUsernameBytes bounds a name: it goes to every online user in user_joined and user_left.
	maxUsernameBytes = 128

	// maxEmailBytes is the longest path SMTP can carry (RFC 5321 §4.5.3.1.3, less the two brackets).
	maxEmailBytes = 254

	// maxIDBytes bounds jti: a UUID takes 36 bytes, a SHA-512 in hexadecimal 128.
	maxIDBytes = 128

	// maxUnixSeconds is the last second of the year 9999, where RFC 3339 ends. A later date is a mistake,
	// most often milliseconds written for seconds.
	maxUnixSeconds = 253402300799

	// MaxRevocations bounds the revocations kept in memory, at some 150 bytes each: 10 MiB. Each costs somebody a
	// call, and they are forgotten when the tokens they are about have expired; who has to take back more than
	// 65,536 tokens at once changes the key.
	MaxRevocations = 1 << 16

	// RevocationLife is how long a revocation is kept that does not say for how long, in seconds: 30 days, the
	// longest that signers commonly let a token live. Behind that it would name nothing that still opens a door.
	RevocationLife = 30 * 24 * 60 * 60
)
