package jwks

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
)

// Check validates the URL of a key set. It must be https or stay on this host, because a change of the answer on its
// way would make forged tokens valid.
func Check(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return errors.New("it is not a URL: write one such as https://issuer.example/.well-known/jwks.json")
	}
	switch {
	case u.Hostname() == "" || u.Fragment != "":
		return errors.New("write a URL with a host and without #, such as https://issuer.example/.well-known/jwks.json")
	case u.User != nil:
		return errors.New("a key set is public: leave the name and the password out of its URL")
	case u.Scheme == "https", u.Scheme == "http" && loopback(u.Hostname()):
		return nil
	}
	return errors.New("write an https URL: over http the keys could be replaced on their way; only 127.0.0.1, ::1 and localhost may use http")
}

func loopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

// transport returns the transport for fetches. Each has a connection of its own, since one would idle for minutes.
func transport() *http.Transport {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DisableKeepAlives:      true,
		MaxResponseHeaderBytes: maxHeaderBytes,
	}
}

// sameHost follows redirects on the same host only: the operator has not declared any other host trusted.
func sameHost(request *http.Request, via []*http.Request) error {
	was := via[0].URL
	if len(via) > maxRedirects || request.URL.Scheme != was.Scheme || request.URL.Host != was.Host {
		return errors.New("it redirects to another host: set JWKS_URL to the final address")
	}
	return nil
}

// fetch returns the body of the answer.
func (s *Source) fetch(ctx context.Context) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.options.URL, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/jwk-set+json, application/json")
	answer, err := s.client.Do(request)
	if err != nil {
		var failed *url.Error // which repeats the URL
		if errors.As(err, &failed) {
			err = failed.Err
		}
		return nil, fmt.Errorf("the keys cannot be fetched: %w", err)
	}
	defer answer.Body.Close()
	if answer.TLS != nil {
		s.certificateEnds.Store(answer.TLS.PeerCertificates[0].NotAfter.Unix())
	}
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the keys cannot be fetched: the answer is %s", answer.Status)
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxBytes+1))
	if err != nil {
		return nil, err
	}
	if len(body) > maxBytes {
		return nil, fmt.Errorf("the answer is longer than %d bytes: it is no key set", maxBytes)
	}
	return body, nil
}
