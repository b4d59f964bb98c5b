package main

import (
	"fmt"
	"log/slog"
	"time"

	"momentum/internal/config"
	"momentum/server/auth"
	"momentum/server/auth/jwks"
	"momentum/server/metrics"
)

// slowKeys reports whether some tokens take long to verify, now or after a change of keys.
func slowKeys(c *config.Config, v *auth.Verifier) bool { return v.Slow() || c.JWKSURL != "" }

// startKeys makes the verifier, and begins to fetch keys if JWKS_URL is set. A node without any key does not start:
// its supervisor tries again, and no valid token is refused meanwhile.
func (n *node) startKeys(c *config.Config, seed uint64, log *slog.Logger) error {
	keys, err := c.Keys()
	if err != nil {
		return err
	}
	n.verifier = auth.NewVerifier(keys, auth.Options{Now: time.Now, Issuer: c.JWTIssuer, Audience: c.JWTAudience})
	if c.JWKSURL == "" {
		return nil
	}
	n.verifier.SetFetched(nil)
	n.fetching = jwks.Start(jwks.Options{
		URL: c.JWKSURL, Publish: n.verifier.SetFetched, Missed: n.verifier.Missed(), Log: log, Seed: seed,
	})
	if err := n.fetching.First(); err != nil && len(keys) == 0 {
		return fmt.Errorf("JWKS_URL (--jwks-url): %w; there is no other key, so no client could connect", err)
	}
	return nil
}

// keyFigures returns the counters of key fetching, for /metrics.
func (n *node) keyFigures() metrics.Keys {
	s := n.fetching.Stats()
	return metrics.Keys{InUse: s.Keys, Fetches: s.Fetches, Failures: s.Failures, CertificateEnds: s.CertificateEnds}
}
