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
	"momentum/server/cluster"
	"momentum/server/cluster/clustertest"
)

// serve runs a node of two reactors, and returns it with the addresses of its WebSocket port and its metrics.
func serve(t *testing.T) (s *server.Server, ws, url string) {
	t.Helper()
	return serveOf(t, nil)
}

// serveOf is serve for a node of a cluster, which connect connects to its bus.
func serveOf(t *testing.T, connect func(cluster.Node) (cluster.Bus, error)) (s *server.Server, ws, url string) {
	t.Helper()
	quiet := slog.New(slog.DiscardHandler)
	s, err := server.New(server.Options{
		Connect: connect,
		Rules: server.Rules{
			MaxConnections: 100, MaxMessageBytes: 1 << 16,
			HeartbeatInterval: time.Minute, HeartbeatTimeout: time.Minute, ConnectionTimeout: time.Hour,
			CleanupInterval: time.Hour, DrainWindow: time.Second,
		},
		Reactors: 2, MaxSockets: 100,
		Verifier: auth.NewVerifier(auth.Secret(secret), auth.Options{Now: time.Now}),
		HandOff:  func(int, []byte, bool, func()) bool { return false },
		Log:      quiet, NetLog: quiet, Now: time.Now, NewID: uuid.New,
		History:  server.History{Messages: 10, Bytes: 1 << 16, Age: time.Minute, Room: 1 << 20},
		Outbound: netpoll.DefaultOutbound,
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
	}, Keys: func() Keys { return Keys{InUse: 7, Fetches: 9, Failures: 8, CertificateEnds: 1} }, Reloads: func() Reloads { return Reloads{} }, Traces: func() Traces { return Traces{} }, Bus: func() Bus {
		return Bus{State: cluster.Slow, Batches: 11, Canary: 12 * time.Millisecond}
	}})
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(handler)
	t.Cleanup(h.Close)
	return s, l.Addr().String(), h.URL
}

func join(t *testing.T, addr, name string, query ...string) *websocket.Conn {
	t.Helper()
	token, err := auth.Sign(secret, auth.Claims{
		UserID: auth.UserID(name), Username: name, IssuedAt: time.Now().Unix(), ExpiresAt: time.Now().Add(time.Hour).Unix(),
	})
	if err != nil {
		t.Fatal(err)
	}
	c, _, err := websocket.Dial(t.Context(), "ws://"+addr+"/ws?"+strings.Join(append(query, "token="+token), "&"), nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
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

// TestTheDocumentListsTheServedMetrics compares the table of docs/METRICS.md with the metrics of a node.
func TestTheDocumentListsTheServedMetrics(t *testing.T) {
	_, _, url := serveOf(t, clustertest.New(1).Connect)
	families := scrape(t, url)
	var table bytes.Buffer
	fmt.Fprint(&table, "\n| metric | type | labels | meaning |\n| --- | --- | --- | --- |\n")
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

var update = flag.Bool("update", false, "write the table of docs/METRICS.md from what is served")

var secret = []byte("a secret of more than thirty-two bytes")

const (
	page  = "../../docs/METRICS.md"
	begin = "<!-- metrics -->\n"
	end   = "<!-- /metrics -->\n"
)
