package load

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

// testNet is an address that no host has (RFC 5737).
var testNet = netip.MustParseAddr("192.0.2.1")

// serving starts a server and returns a plan for it. A single connection sends to itself, so that a server which echoes
// also delivers.
func serving(t *testing.T, handler http.HandlerFunc) *Plan {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return &Plan{
		Test: Storm, URL: strings.Replace(s.URL, "http", "ws", 1) + "/ws", Connections: 1, Messages: 10, Seconds: 20,
		MaxConcurrent: 10, IntervalMS: 5, Fanout: Partner, Secret: "secret", Seed: 1,
	}
}

// measure runs a test and returns its result.
func measure(t *testing.T, p *Plan, test Test) *Result {
	t.Helper()
	prepared, err := Prepare(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(t.Context(), p, test, prepared, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// wantMetric fails the test unless the metric has the value.
func (r *Result) wantMetric(t *testing.T, name string, value float64) {
	t.Helper()
	if m, ok := r.Metric(name); !ok || m.Value != value {
		t.Errorf("%s is %v, want %v (%v, dropped %v, failed %v)", name, m.Value, value, r.Problems, r.Dropped, r.Failed)
	}
}

func (r *Result) value(t *testing.T, name string) float64 {
	t.Helper()
	m, ok := r.Metric(name)
	if !ok {
		t.Fatalf("no %s: %v", name, r.Problems)
	}
	return m.Value
}

// echoing accepts the handshake and passes each message to answer, until the connection ends.
func echoing(answer func(ctx context.Context, ws *websocket.Conn, n int, message []byte)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/ws" {
			http.NotFound(w, r)
			return
		}
		ws, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer ws.CloseNow()
		for n := 0; ; n++ {
			_, message, err := ws.Read(r.Context())
			if err != nil {
				return
			}
			answer(r.Context(), ws, n, message)
		}
	}
}

func echo(ctx context.Context, ws *websocket.Conn, _ int, message []byte) {
	_ = ws.Write(ctx, websocket.MessageText, message)
}
