package jwks

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"momentum/server/auth"
)

func TestURLsOfKeySets(t *testing.T) {
	for address, good := range map[string]bool{
		"https://issuer.example/.well-known/jwks.json": true, "https://issuer.example:8443/keys?v=1": true, "http://127.0.0.1:9/jwks": true,
		"http://127.9.9.9/": true, "http://[::1]/": true, "http://localhost:1/": true, "HTTPS://issuer.example/": true,
		"http://issuer.example/": false, "http://localhost.evil.example/": false, "http://127.0.0.1.evil.example/": false, "http://0.0.0.0/": false,
		"http://2130706433/": false, "ftp://issuer.example/": false, "file:///etc/passwd": false, "issuer.example": false, "": false, "https://": false,
		"https://user:word@issuer.example/": false, "https://issuer.example/#keys": false, "https:issuer.example": false, "https://issuer.example\n/": false,
	} {
		if err := Check(address); (err == nil) != good {
			t.Errorf("%q: %v", address, err)
		}
	}
}

// TestAnswersOverHTTP covers net/http's part, on real sockets.
func TestAnswersOverHTTP(t *testing.T) {
	good := set(t, newPair(t, "k").jwk(t))
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(good) }))
	defer elsewhere.Close()
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	defer server.Close()
	mux.HandleFunc("/good", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(good) })
	mux.HandleFunc("/longest", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(append(good, bytes.Repeat([]byte(" "), maxBytes-len(good))...))
	})
	mux.HandleFunc("/long", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(append(good, bytes.Repeat([]byte(" "), maxBytes+1-len(good))...))
	})
	mux.HandleFunc("/missing", http.NotFound)
	mux.HandleFunc("/created", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusCreated); _, _ = w.Write(good) })
	mux.HandleFunc("/header", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X", strings.Repeat("x", 2*maxHeaderBytes))
		_, _ = w.Write(good)
	})
	mux.Handle("/moved", http.RedirectHandler("/good", http.StatusFound))
	mux.Handle("/elsewhere", http.RedirectHandler(elsewhere.URL, http.StatusFound))
	mux.Handle("/round", http.RedirectHandler("/round", http.StatusFound))
	for path, want := range map[string]string{
		"/good": "", "/longest": "", "/moved": "", "/missing": "404", "/created": "201", "/long": "longer than 262144 bytes",
		"/header": "exceeded", "/elsewhere": "redirects to another host", "/round": "redirects to another host",
	} {
		if err := Try(server.URL + path); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
}

// TestTheEndOfTheIssuersCertificateIsKnown, and that over http there is none.
func TestTheEndOfTheIssuersCertificateIsKnown(t *testing.T) {
	good := set(t, newPair(t, "k").jwk(t))
	answer := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(good) })
	secure, plain := httptest.NewTLSServer(answer), httptest.NewServer(answer)
	defer secure.Close()
	defer plain.Close()
	for _, server := range []*httptest.Server{secure, plain} {
		s := Start(Options{URL: server.URL, Publish: func(auth.Keys) {}, Transport: server.Client().Transport, Log: slog.New(slog.DiscardHandler)})
		err, want := s.First(), int64(0)
		if c := server.Certificate(); c != nil {
			want = c.NotAfter.Unix()
		}
		if got := s.Stats().CertificateEnds; err != nil || got != want {
			t.Errorf("%s: it ends at %d, %v; want %d", server.URL, got, err, want)
		}
		s.Close()
	}
}

// TestTheIssuersCertificateIsVerified: a certificate that no authority has signed is refused.
func TestTheIssuersCertificateIsVerified(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo)
	defer server.Close()
	if err := Try(server.URL); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Error(err)
	}
}
