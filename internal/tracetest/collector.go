// Package tracetest is a collector of OpenTelemetry's traces for tests: it takes OTLP over HTTP, as protobuf.
package tracetest

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"
)

// Collector takes traces.
type Collector struct {
	*httptest.Server
	Answer func(w http.ResponseWriter, r *http.Request) (taken bool) // nil: everything is taken

	mu      sync.Mutex
	spans   []Span
	batches int
	headers http.Header   // of the last request
	news    chan struct{} // closed and replaced when spans arrive
}

// Start returns a collector that runs until the test ends. The first function, if there is one, decides which requests are taken.
func Start(t testing.TB, answers ...func(http.ResponseWriter, *http.Request) bool) *Collector {
	t.Helper()
	c := &Collector{news: make(chan struct{})}
	if len(answers) > 0 {
		c.Answer = answers[0]
	}
	c.Server = httptest.NewServer(c)
	t.Cleanup(c.Close)
	return c
}

// ServeHTTP implements http.Handler.
func (c *Collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost || r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/x-protobuf" {
		http.Error(w, "POST protobuf to /v1/traces", http.StatusBadRequest)
		return
	}
	batch, err := read(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if c.Answer != nil && !c.Answer(w, r) {
		return
	}
	c.keep(batch, r.Header)
	w.Header().Set("Content-Type", "application/x-protobuf")
}

func read(r *http.Request) (*collector.ExportTraceServiceRequest, error) {
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		unzipped, err := gzip.NewReader(body)
		if err != nil {
			return nil, err
		}
		body = unzipped
	}
	bytes, err := io.ReadAll(body)
	if err != nil {
		return nil, err
	}
	batch := new(collector.ExportTraceServiceRequest)
	return batch, proto.Unmarshal(bytes, batch)
}

func (c *Collector) keep(batch *collector.ExportTraceServiceRequest, headers http.Header) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.spans = append(c.spans, spansOf(batch)...)
	c.batches, c.headers = c.batches+1, headers
	close(c.news)
	c.news = make(chan struct{})
}

// Spans returns the spans that have arrived, in the order of their arrival.
func (c *Collector) Spans() []Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]Span(nil), c.spans...)
}

// Headers returns the headers of the last request that was taken.
func (c *Collector) Headers() http.Header {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.headers
}

// Batches returns how many requests were taken.
func (c *Collector) Batches() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.batches
}

// Await waits until a span has arrived that the function wants, and returns it with the spans so far.
func (c *Collector) Await(t testing.TB, patience time.Duration, wanted func(*Span) bool) (Span, []Span) {
	t.Helper()
	late := time.After(patience)
	for {
		c.mu.Lock()
		all, news := append([]Span(nil), c.spans...), c.news
		c.mu.Unlock()
		for i := range all {
			if wanted(&all[i]) {
				return all[i], all
			}
		}
		select {
		case <-news:
		case <-late:
			t.Fatalf("the span has not arrived; %d others have: %+v", len(all), all)
		}
	}
}
