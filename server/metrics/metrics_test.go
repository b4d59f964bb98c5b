package metrics

import (
	"bytes"
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/uuid"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"momentum/netpoll"
	"momentum/server"
	"momentum/server/auth"
)

var update = flag.Bool("update", false, "write the table of docs/METRICS.md from what is served")

var secret = []byte("a secret of more than thirty-two bytes")

// serve runs a node of two reactors, and returns it with the addresses of its WebSocket port and its metrics.
func serve(t *testing.T) (s *server.Server, ws, url string) {
	t.Helper()
	quiet := slog.New(slog.DiscardHandler)
	s, err := server.New(server.Options{
		Rules: server.Rules{
			MaxConnections: 100, MaxMessageBytes: 1 << 16,
			HeartbeatInterval: time.Minute, HeartbeatTimeout: time.Minute, ConnectionTimeout: time.Hour,
			CleanupInterval: time.Hour, DrainWindow: time.Second,
		},
		Reactors: 2, MaxSockets: 100,
		Verifier: auth.NewVerifier(auth.Secret(secret), auth.Options{Now: time.Now}),
		HandOff:  func(int, []byte, bool, func()) bool { return false },
		Log:      quiet, NetLog: quiet, Now: time.Now, NewID: uuid.New, Outbound: netpoll.DefaultOutbound,
	})
	if err != nil {
		t.Fatal(err)
	}
	l, err := s.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = l.Stop(context.Background())
		s.Close()
	})
	handler, err := NewHandler(Options{Server: s, Version: "v0", Log: quiet, Directory: func() Directory {
		return Directory{Queries: 1, Asked: 2, Hits: 3, Misses: 4, Failures: 5, Waiting: 6, Up: true}
	}, Keys: func() Keys { return Keys{InUse: 7, Fetches: 9, Failures: 8} }})
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(handler)
	t.Cleanup(h.Close)
	return s, l.Addr().String(), h.URL
}

// scrape reads the metrics as Prometheus does.
func scrape(t *testing.T, url string) map[string]*dto.MetricFamily {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(answer.Body)
		t.Fatalf("%s: %s", answer.Status, text)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return families
}

const (
	page  = "../../docs/METRICS.md"
	begin = "<!-- metrics -->\n"
	end   = "<!-- /metrics -->\n"
)

// TestDocumentedMetricsAreTheServedOnes compares the table of docs/METRICS.md with the metrics of a node.
func TestDocumentedMetricsAreTheServedOnes(t *testing.T) {
	_, _, url := serve(t)
	families := scrape(t, url)
	var table bytes.Buffer
	fmt.Fprint(&table, "\n| metric | type | labels | what it is |\n| --- | --- | --- | --- |\n")
	for _, name := range slices.SortedFunc(maps.Keys(families), ownFirst) {
		f := families[name]
		fmt.Fprintf(&table, "| `%s` | %s | %s | %s |\n", name, strings.ToLower(f.GetType().String()), labels(f),
			strings.ReplaceAll(f.GetHelp(), "|", "\\|"))
	}
	table.WriteByte('\n')
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), begin)
	old, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s has no %s … %s", page, begin, end)
	}
	if *update {
		if err := os.WriteFile(page, []byte(before+begin+table.String()+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if old != table.String() {
		t.Errorf("docs/METRICS.md is not what is served: go test ./server/metrics -update writes it anew\n%s", table.String())
	}
}

func ownFirst(a, b string) int {
	own := func(name string) bool { return strings.HasPrefix(name, "momentum_") }
	if own(a) != own(b) {
		return cmp.Compare(truth(own(b)), truth(own(a)))
	}
	return cmp.Compare(a, b)
}

// labels lists the labels of all of a family's series.
func labels(f *dto.MetricFamily) string {
	names := map[string]bool{}
	for _, m := range f.Metric {
		for _, l := range m.Label {
			names["`"+l.GetName()+"`"] = true
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(names)), ", ")
}

func join(t *testing.T, addr, name string) *websocket.Conn {
	t.Helper()
	token, err := auth.Sign(secret, auth.Claims{
		UserID: auth.UserID(name), Username: name, IssuedAt: time.Now().Unix(), ExpiresAt: time.Now().Add(time.Hour).Unix(),
	})
	if err != nil {
		t.Fatal(err)
	}
	c, _, err := websocket.Dial(t.Context(), "ws://"+addr+"/ws?token="+token, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestMetricsAgreeWithStats has clients come, talk and go, and then compares both views of the same counters.
func TestMetricsAgreeWithStats(t *testing.T) {
	s, addr, url := serve(t)
	alice, bob := join(t, addr, "alice"), join(t, addr, "bob")
	defer bob.CloseNow()
	if _, _, err := websocket.Dial(t.Context(), "ws://"+addr+"/ws?token=bad", nil); err == nil {
		t.Fatal("a bad token is let in")
	}
	for _, message := range []string{`{"message_type":"text","data":1}`, `{"message_type":"ping"}`, `no JSON`} {
		if err := alice.Write(t.Context(), websocket.MessageText, []byte(message)); err != nil {
			t.Fatal(err)
		}
	}
	for text := ""; !strings.Contains(text, "malformed_json"); {
		_, b, err := alice.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		text = string(b)
	}
	if err := alice.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Cleanup(t.Context()); err != nil { // after a cleanup, every reactor has counted the bytes that its clients have read
		t.Fatal(err)
	}
	families := scrape(t, url)
	stats := s.Stats()
	for name, want := range map[string]float64{
		"momentum_connections":                float64(stats.TotalConnections),
		"momentum_users":                      float64(stats.UniqueUsers),
		"momentum_connections_accepted_total": float64(stats.Accepted),
		"momentum_handshakes_admitted_total":  float64(stats.Admitted),
		"momentum_handshakes_refused_total":   total(stats.Refused),
		"momentum_closes_total":               total(stats.Closed) - float64(stats.Closed["early"]),
		"momentum_messages_received_total":    float64(stats.MessagesIn),
		"momentum_received_bytes_total":       float64(stats.BytesIn),
		"momentum_deliveries_total":           float64(stats.Deliveries),
		"momentum_outbound_queued_bytes":      float64(stats.BytesQueued),
		"momentum_unfinished_bytes":           float64(stats.BytesUnfinished),
		"momentum_log_lines_dropped_total":    float64(stats.LogLinesDropped),
		"momentum_revocations":                float64(stats.Revocations),
		"momentum_token_refreshes_total":      float64(stats.Refreshed),
		"momentum_draining":                   0,
		"momentum_handshake_seconds":          float64(stats.Admitted),
		"momentum_directory_waiting":          6,
		"momentum_directory_up":               1,
		"momentum_jwks_keys":                  7,
		"momentum_jwks_failures_total":        8,
		"momentum_jwks_fetches_total":         9,
	} {
		if got := sum(families[name], nil); got != want {
			t.Errorf("%s is %v, /ws/stats says %v", name, got, want)
		}
	}
	for labels, want := range map[string]float64{
		"momentum_closes_total reason=peer_closed code=1000": float64(stats.Closed["peer_closed"]),
		"momentum_handshakes_refused_total reason=token":     float64(stats.Refused["token"]),
		"momentum_replies_total type=error":                  float64(stats.Errors),
		"momentum_replies_total type=pong":                   1,
	} {
		parts := strings.Fields(labels)
		if got := sum(families[parts[0]], parts[1:]); got != want || want != 1 {
			t.Errorf("%s is %v, /ws/stats says %v", labels, got, want)
		}
	}
}

func total(byReason map[string]uint64) (sum float64) {
	for _, n := range byReason {
		sum += float64(n)
	}
	return sum
}

// sum adds up the series that have the labels; of a histogram it is how many were observed.
func sum(f *dto.MetricFamily, labels []string) (sum float64) {
	for _, m := range f.GetMetric() {
		has := map[string]bool{}
		for _, l := range m.Label {
			has[l.GetName()+"="+l.GetValue()] = true
		}
		if slices.ContainsFunc(labels, func(l string) bool { return !has[l] }) {
			continue
		}
		sum += m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
	}
	return sum
}

// TestHistogramsAreCumulative reads one as Prometheus does.
func TestHistogramsAreCumulative(t *testing.T) {
	_, addr, url := serve(t)
	defer join(t, addr, "alice").CloseNow()
	h := scrape(t, url)["momentum_handshake_seconds"].GetMetric()[0].GetHistogram()
	buckets := h.GetBucket()
	for i := 1; i < len(buckets); i++ {
		if buckets[i].GetUpperBound() <= buckets[i-1].GetUpperBound() || buckets[i].GetCumulativeCount() < buckets[i-1].GetCumulativeCount() {
			t.Errorf("bucket %d is not in order: %v", i, buckets)
		}
	}
	if h.GetSampleCount() != 1 || buckets[len(buckets)-1].GetCumulativeCount() != 1 || h.GetSampleSum() <= 0 {
		t.Errorf("one handshake is shown as %v", h)
	}
}
