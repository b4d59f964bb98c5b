package tracetest

import (
	"bytes"
	"net/http"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	traces "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// post sends a batch with one span, and returns the status of the answer.
func post(t *testing.T, url, kind string) int {
	t.Helper()
	body, err := proto.Marshal(&collector.ExportTraceServiceRequest{ResourceSpans: []*traces.ResourceSpans{{
		ScopeSpans: []*traces.ScopeSpans{{Spans: []*traces.Span{{Name: "a", TraceId: []byte{1}, SpanId: []byte{2}}}}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.Post(url, kind, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode
}

func TestTheCollectorKeepsSpans(t *testing.T) {
	c := Start(t)
	if status := post(t, c.URL+"/v1/traces", "application/x-protobuf"); status != 200 {
		t.Fatal(status)
	}
	found, all := c.Await(t, time.Minute, func(s *Span) bool { return s.Name == "a" })
	if found.Trace != "01" || found.ID != "02" || found.Parent != "" || len(all) != 1 || c.Batches() != 1 || c.Headers().Get("Content-Type") == "" {
		t.Errorf("%+v", c.Spans())
	}
}

func TestTheCollectorRefusesOtherRequests(t *testing.T) {
	c := Start(t)
	if post(t, c.URL+"/v1/metrics", "application/x-protobuf") != 400 || post(t, c.URL+"/v1/traces", "application/json") != 400 || len(c.Spans()) != 0 {
		t.Error("it took something else")
	}
}

func TestATestDecidesWhatIsTaken(t *testing.T) {
	c := Start(t, func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(http.StatusTooManyRequests)
		return false
	})
	if post(t, c.URL+"/v1/traces", "application/x-protobuf") != 429 || len(c.Spans()) != 0 {
		t.Error("it was taken")
	}
}
