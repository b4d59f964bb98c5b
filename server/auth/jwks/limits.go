package jwks

import "time"

const (
	// interval is the time between fetches that succeed. An issuer publishes a new key long before it signs with it; this
	// bounds how long a withdrawn key is still accepted. It gets random jitter of up to a tenth, so that nodes that
	// started at the same moment do not fetch at the same moment for ever.
	interval = 5 * time.Minute

	// retry is the time between fetches that fail.
	retry = 30 * time.Second

	// rest is the least time between two fetches, for any cause. A forged token can name an unknown key, and must not
	// cause more fetches than an issuer tolerates.
	rest = 10 * time.Second

	// patience bounds one fetch, its answer's body included. An issuer answers within a second.
	patience = 5 * time.Second

	// maxBytes bounds the body of an answer. Sets of large issuers, with certificates, take 20 KiB.
	maxBytes = 256 << 10

	// maxKeys bounds a set. The largest issuers publish ten keys.
	maxKeys = 32

	// maxRedirects is 1 more than the redirects of a URL that has moved.
	maxRedirects = 2

	// maxHeaderBytes bounds an answer's header; those of content networks take 4 KiB.
	maxHeaderBytes = 32 << 10

	// spread is the part of a time that is its jitter: up to a tenth more or less.
	spread = 10
)
