package redistest

import (
	"crypto/x509"
	"os"
	"strings"
	"testing"
)

func TestAServerWithTLSIsTrustedByItsAuthorityAlone(t *testing.T) {
	s := StartTLS(t, "requirepass secret")
	if !strings.HasPrefix(s.URL(), "rediss://:secret@127.0.0.1:") {
		t.Error("the URL is", s.URL())
	}
	if got := s.Do(t, "PING"); got != "PONG" {
		t.Error(got)
	}
	text, err := os.ReadFile(s.CA())
	must(t, err)
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(text) || !roots.Equal(s.Roots()) {
		t.Error("the file has another certificate than the pool")
	}
	if _, err := Dial(s.URL(), StartTLS(t).Roots()); err == nil || !strings.Contains(err.Error(), "unknown authority") {
		t.Error("with the certificate of another server:", err)
	}
	if _, err := Dial(strings.Replace(s.URL(), "rediss:", "redis:", 1), nil); err == nil {
		t.Error("it answers without TLS")
	}
}

func TestAServerWithTLSRestarts(t *testing.T) {
	s := StartTLS(t, "appendonly yes")
	s.Do(t, "SET", "key", "kept")
	s.Kill(t)
	s.Restart(t)
	if got := s.Do(t, "GET", "key"); got != "kept" {
		t.Error(got)
	}
}
