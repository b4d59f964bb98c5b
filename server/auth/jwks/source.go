// Package jwks fetches the keys at a URL (RFC 7517) in the background, at intervals and when a token names an unknown key.
// Verifying a token never waits for it.
package jwks

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"time"

	"momentum/server/auth"
)

// Options configure a source.
type Options struct {
	URL       string            // checked with Check
	Publish   func(auth.Keys)   // is called with the keys after each successful fetch
	Missed    <-chan struct{}   // requests a fetch before the interval is over
	Transport http.RoundTripper // nil: the network
	Log       *slog.Logger
	Seed      uint64 // of the times between fetches
}

// Stats counts a source's keys, fetches and failures. CertificateEnds is the Unix time at which the certificate of the last answer ends; 0:
// there was none.
type Stats struct {
	Keys, Fetches, Failures uint64
	CertificateEnds         int64
}

// Source fetches keys until it is closed. The keys it published last stay in use while fetches fail: valid tokens must
// not be refused because an issuer is down.
type Source struct {
	options Options
	client  *http.Client
	random  *rand.Rand // the goroutine's
	cancel  context.CancelFunc
	first   chan struct{} // closed after the first fetch; firstErr is its error
	ended   chan struct{}

	firstErr                error
	keys, fetches, failures atomic.Uint64
	certificateEnds         atomic.Int64
}

// Start starts a source. The first fetch begins at once.
func Start(options Options) *Source {
	ctx, cancel := context.WithCancel(context.Background())
	s := &Source{
		options: options,
		client:  &http.Client{Transport: options.Transport, CheckRedirect: sameHost},
		random:  rand.New(rand.NewPCG(options.Seed, 0)),
		cancel:  cancel,
		first:   make(chan struct{}),
		ended:   make(chan struct{}),
	}
	if options.Transport == nil {
		s.client.Transport = transport()
	}
	go s.run(ctx)
	return s
}

// Try fetches once and returns why there is no key to verify with.
func Try(url string) error {
	s := Start(Options{URL: url, Publish: func(auth.Keys) {}, Log: slog.New(slog.DiscardHandler)})
	defer s.Close()
	return s.First()
}

// First waits for the first fetch, for at most some seconds, and returns its error.
func (s *Source) First() error {
	<-s.first
	return s.firstErr
}

// Close ends the source, and a fetch that is under way. The keys stay published.
func (s *Source) Close() {
	s.cancel()
	<-s.ended
}

// Stats returns the present counts.
func (s *Source) Stats() Stats {
	return Stats{s.keys.Load(), s.fetches.Load(), s.failures.Load(), s.certificateEnds.Load()}
}

func (s *Source) run(ctx context.Context) {
	defer close(s.ended)
	s.firstErr = s.refresh(ctx)
	close(s.first)
	for err := s.firstErr; s.pause(ctx, err); {
		err = s.refresh(ctx)
	}
}

// refresh fetches once. A set that cannot be used leaves the keys as they are.
func (s *Source) refresh(ctx context.Context) error {
	s.fetches.Add(1)
	body, err := s.fetch(ctx)
	if err != nil {
		return s.failed(ctx, err)
	}
	keys, skipped, err := Parse(body)
	if err != nil {
		return s.failed(ctx, err)
	}
	s.options.Publish(keys)
	if was := s.keys.Swap(uint64(len(keys))); was != uint64(len(keys)) {
		s.options.Log.Info("keys fetched", "url", s.options.URL, "keys", len(keys), "before", was)
		for _, why := range skipped {
			s.options.Log.Info("a key of the set is not used", "url", s.options.URL, "reason", why)
		}
	}
	return nil
}

func (s *Source) failed(ctx context.Context, err error) error {
	if ctx.Err() == nil { // else it was closed
		s.failures.Add(1)
		s.options.Log.Warn("keys could not be fetched; the last ones stay in use", "url", s.options.URL, "keys", s.keys.Load(), "reason", err)
	}
	return err
}

// pause waits for the next fetch, and returns false if there will be none.
func (s *Source) pause(ctx context.Context, err error) bool {
	most := interval
	if err != nil {
		most = retry
	}
	if !wait(ctx, nil, rest) {
		return false
	}
	return wait(ctx, s.options.Missed, s.about(most)-rest)
}

// about returns d with random jitter.
func (s *Source) about(d time.Duration) time.Duration {
	return d - d/spread + time.Duration(s.random.Int64N(int64(2*d/spread)))
}

// wait waits for d or a request, and returns false if ctx ended first.
func wait(ctx context.Context, requested <-chan struct{}, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-requested:
	case <-timer.C:
	}
	return ctx.Err() == nil
}
