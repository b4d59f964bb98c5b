package jwks

import "time"

const (
	// interval is how often keys are fetched when all is well. An issuer shows a new key long before it signs with
	// it; what this bounds is how long a key that was taken back is still believed. Each time is drawn anew, up to a
	// tenth earlier or later, so that nodes that started together do not ask together for ever.
	interval = 5 * time.Minute

	// retry is how soon a fetch that failed is tried again.
	retry = 30 * time.Second

	// rest is the least between two fetches, whatever asks for one. Anybody can write a token that names a key which
	// is not there, and must not make us ask more often than an issuer minds.
	rest = 10 * time.Second

	// patience bounds one fetch, its answer's body included. An issuer answers within a second.
	patience = 5 * time.Second

	// maxBytes bounds an answer. Large issuers' sets, with certificates beside the keys, take 20 KiB.
	maxBytes = 256 << 10

	// maxKeys bounds a set. The largest issuers show ten.
	maxKeys = 32

	// maxRedirects is one more than an address that moved needs.
	maxRedirects = 2

	// maxHeaderBytes bounds an answer's header; those of content networks take 4 KiB.
	maxHeaderBytes = 32 << 10

	// spread is which part of a time is drawn: up to a tenth more or less.
	spread = 10
)
