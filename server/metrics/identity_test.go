package metrics

import (
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestANodeWithoutADirectoryHasNoMetricsOfOne(t *testing.T) {
	s, _, url := serve(t)
	if families := scrape(t, url); families["momentum_directory_up"] == nil || families["momentum_jwks_keys"] == nil {
		t.Error("the metrics of the directory or of fetched keys are missing")
	}
	handler, err := NewHandler(Options{Server: s, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(handler)
	defer h.Close()
	for name := range scrape(t, h.URL) {
		if strings.HasPrefix(name, "momentum_directory_") || strings.HasPrefix(name, "momentum_jwks_") {
			t.Errorf("%s is served", name)
		}
	}
}

func TestADirectoryThatIsDownIsShown(t *testing.T) {
	s, _, _ := serve(t)
	handler, err := NewHandler(Options{Server: s, Log: slog.New(slog.DiscardHandler), Directory: func() Directory { return Directory{Failures: 3} }})
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(handler)
	defer h.Close()
	families := scrape(t, h.URL)
	if up, failures := sum(families["momentum_directory_up"], nil), sum(families["momentum_directory_failures_total"], nil); up != 0 || failures != 3 {
		t.Errorf("up is %v, with %v failures", up, failures)
	}
}

// TestKeysWithoutTLSHaveNoCertificate: a time of 0 would set off the alert.
func TestKeysWithoutTLSHaveNoCertificate(t *testing.T) {
	s, _, _ := serve(t)
	for end, want := range map[int64]bool{0: false, 1_800_000_000: true} {
		handler, err := NewHandler(Options{Server: s, Log: slog.New(slog.DiscardHandler), Keys: func() Keys { return Keys{CertificateEnds: end} }})
		if err != nil {
			t.Fatal(err)
		}
		h := httptest.NewServer(handler)
		family := scrape(t, h.URL)["momentum_jwks_certificate_expiry_timestamp_seconds"]
		if h.Close(); (family != nil) != want || want && sum(family, nil) != float64(end) {
			t.Errorf("with an end at %d: %v", end, family)
		}
	}
}
