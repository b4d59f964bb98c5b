package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	momentum "momentum/client"
)

// settings returns how the flags change a connection. person says that there is a prompt.
func (f *flags) settings(token, secret string, person bool) ([]setting, error) {
	trust, err := f.trust()
	if err != nil {
		return nil, err
	}
	all := []setting{func(c *connection, o *momentum.Options) {
		c.name = username(token)
		o.TLS, o.MaxSent = trust, f.MaxMessage
	}}
	if !bool(f.Benchmark) && (bool(f.Reconnect) || person) {
		all = append(all, resuming)
		if f.Token == "" && token != "" { // the client signs its tokens
			all = append(all, func(_ *connection, o *momentum.Options) { o.TokenFunc = f.signer(token, secret) })
		}
	}
	return all, nil
}

// signer returns a function that returns the first token, and then new ones.
func (f *flags) signer(first, secret string) func(context.Context, string) (string, error) {
	return func(_ context.Context, why string) (string, error) {
		if why == "" {
			return first, nil
		}
		return f.token(secret, time.Now())
	}
}

// trust returns the settings of TLS; nil: the system's certificates.
func (f *flags) trust() (*tls.Config, error) {
	if f.Insecure {
		return &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: true}, nil //nolint:gosec // the user has asked for it
	}
	if f.CA == "" {
		return nil, nil
	}
	text, err := os.ReadFile(f.CA)
	if err != nil {
		return nil, fmt.Errorf("--ca: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, errors.New("--ca: the file has no certificate in PEM form")
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool}, nil
}

// username returns the name in a token, which the server checks; "" if there is none.
func username(token string) string {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return ""
	}
	var claims struct{ Username string }
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(text, &claims) != nil {
		return ""
	}
	return claims.Username
}
