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

// Check says what is wrong with the address of a key set. Whoever can change an answer on its way can sign tokens, so
// it must be https, or not leave this host.
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

// transport returns how keys are fetched: a connection each time, for it would idle for minutes between two.
func transport() *http.Transport {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DisableKeepAlives:      true,
		MaxResponseHeaderBytes: maxHeaderBytes,
	}
}

// sameHost follows an address that moved on its host. What lies elsewhere the operator has not said to trust.
func sameHost(request *http.Request, via []*http.Request) error {
	was := via[0].URL
	if len(via) > maxRedirects || request.URL.Scheme != was.Scheme || request.URL.Host != was.Host {
		return errors.New("it redirects to another host: set JWKS_URL to the final address")
	}
	return nil
}

// fetch returns the answer's body.
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
