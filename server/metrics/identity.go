package metrics

import "github.com/prometheus/client_golang/prometheus"

var (
	directoryQueries  = counter("directory_queries", "Queries to the directory of users.")
	directoryAsked    = counter("directory_asked", "Users in these queries.")
	directoryHits     = counter("directory_hits", "Lookups answered by the cache.")
	directoryMisses   = counter("directory_misses", "Lookups that the cache could not answer.")
	directoryFailures = counter("directory_failures", "Queries that failed or were not answered in time.")
	directoryUp       = gauge("directory_up", "1 while users can be looked up and their changes are reported.")
	directoryWaiting  = gauge("directory_waiting", "Users with a pending answer.")
)

// directory collects the counters of the directory of users.
type directory func() Directory

// Describe sends nothing: the collector is unchecked.
func (d directory) Describe(chan<- *prometheus.Desc) {}

// Collect sends the directory's counters.
func (d directory) Collect(ch chan<- prometheus.Metric) {
	f, s := d(), sink(ch)
	number(s, directoryQueries, f.Queries)
	number(s, directoryAsked, f.Asked)
	number(s, directoryHits, f.Hits)
	number(s, directoryMisses, f.Misses)
	number(s, directoryFailures, f.Failures)
	number(s, directoryWaiting, f.Waiting)
	number(s, directoryUp, truth(f.Up))
}

var (
	keysInUse    = gauge("jwks_keys", "Keys from JWKS_URL in use.")
	keysFetches  = counter("jwks_fetches", "Fetches of JWKS_URL.")
	keysFailures = counter("jwks_failures", "Fetches that failed: the last good keys stay in use.")
	keysExpiry   = gauge("jwks_certificate_expiry_timestamp_seconds", "Time at which the certificate of JWKS_URL's server ends, in Unix time. It is missing without TLS.")
)

// keys collects the counters of key fetching.
type keys func() Keys

// Describe sends nothing: the collector is unchecked.
func (k keys) Describe(chan<- *prometheus.Desc) {}

// Collect sends the counters.
func (k keys) Collect(ch chan<- prometheus.Metric) {
	f, s := k(), sink(ch)
	number(s, keysInUse, f.InUse)
	number(s, keysFetches, f.Fetches)
	number(s, keysFailures, f.Failures)
	if f.CertificateEnds != 0 {
		number(s, keysExpiry, f.CertificateEnds)
	}
}
