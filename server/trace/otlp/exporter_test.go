package otlp

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"momentum/internal/tracetest"
	"momentum/server/trace"
)

const patience = 30 * time.Second

func startExporter(t *testing.T, endpoint string, change func(*Options)) *Exporter {
	t.Helper()
	o := Options{
		Settings: Settings{Endpoint: endpoint}, Node: "node-1", Version: "v1.2.3", Now: time.Now, Seed: 1, Log: slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&o)
	}
	e, err := Start(o)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// within returns a context that ends after a time.
func within(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

func TestSpansNameTheNode(t *testing.T) {
	node := sent(t, nil, func(e *Exporter) { e.Admission(admitted()) })["admission"].Node
	for name, want := range map[string]string{"service.name": "momentum", "service.instance.id": "node-1", "service.version": "v1.2.3"} {
		if node[name] != want {
			t.Errorf("%s is %q", name, node[name])
		}
	}
}

// TestTheStandardVariablesAreRead: the library reads them by itself.
func TestTheStandardVariablesAreRead(t *testing.T) {
	t.Setenv("OTEL_SERVICE_NAME", "chat")
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test,service.instance.id=a")
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "api-key=letmein")
	t.Setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
	c := tracetest.Start(t)
	e := startExporter(t, c.URL+"/", nil)
	e.Admission(admitted())
	if err := e.Close(within(t, patience)); err != nil {
		t.Fatal(err)
	}
	node := c.Spans()[0].Node
	if node["service.name"] != "chat" || node["deployment.environment.name"] != "test" || node["service.instance.id"] != "a" {
		t.Errorf("%v", node)
	}
	if h := c.Headers(); h.Get("Api-Key") != "letmein" || h.Get("Content-Encoding") != "gzip" {
		t.Errorf("%v", h)
	}
}

// TestTheLibraryLogsThroughOurs: the node's log says that a variable cannot be read, and the node starts.
func TestTheLibraryLogsThroughOurs(t *testing.T) {
	for variable, want := range map[string]string{"OTEL_EXPORTER_OTLP_HEADERS": "parse headers", "OTEL_RESOURCE_ATTRIBUTES": "no equals sign"} {
		t.Run(variable, func(t *testing.T) {
			t.Setenv(variable, "no equals sign")
			var log bytes.Buffer
			e := startExporter(t, "http://127.0.0.1:1", func(o *Options) { o.Log = slog.New(slog.NewTextHandler(&log, nil)) })
			if err := e.Close(within(t, patience)); err != nil || !strings.Contains(log.String(), want) {
				t.Errorf("%v\n%s", err, log.String())
			}
		})
	}
}

func TestTheEndpointForTracesComesFirst(t *testing.T) {
	c := tracetest.Start(t)
	t.Setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", c.URL+"/v1/traces")
	e := startExporter(t, "http://127.0.0.1:1", nil)
	e.Admission(admitted())
	if err := e.Close(within(t, patience)); err != nil || e.Counts().Sent != 1 {
		t.Errorf("%v, %+v", err, e.Counts())
	}
}

func TestABatchIsSentBeforeTheEnd(t *testing.T) {
	c := tracetest.Start(t)
	e := startExporter(t, c.URL, nil)
	for range 1 + batchSpans/6 { // six spans each
		e.Admission(admitted())
	}
	c.Await(t, patience, func(s *tracetest.Span) bool { return s.Name == "admission" })
	if err := e.Close(within(t, patience)); err != nil {
		t.Fatal(err)
	}
	if n := c.Batches(); n > 2 {
		t.Errorf("%d requests for a batch and at most one more", n)
	}
	if got := e.Counts(); got != (Counts{Sent: 1 + batchSpans/6}) {
		t.Errorf("%+v", got)
	}
}

// TestFewSpansDoNotWaitForABatch: they are sent after batchAge.
func TestFewSpansDoNotWaitForABatch(t *testing.T) {
	c := tracetest.Start(t)
	e := startExporter(t, c.URL, nil)
	e.Admission(admitted())
	c.Await(t, patience, func(s *tracetest.Span) bool { return s.Name == "admission" })
	if err := e.Close(within(t, patience)); err != nil {
		t.Fatal(err)
	}
}

// TestACollectorThatIsAwayDelaysNobody: records are counted and lost, and the log has one line.
func TestACollectorThatIsAwayDelaysNobody(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close() // nobody listens there now
	var log bytes.Buffer
	e := startExporter(t, "http://"+l.Addr().String(), func(o *Options) { o.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	const records = 10 * batchSpans
	for range records {
		e.Admission(admitted())
	}
	if err := e.Close(within(t, patience)); err != nil {
		t.Fatal(err)
	}
	if c := e.Counts(); c.Sent != 0 || c.Failed == 0 || c.Failed+c.Dropped != records {
		t.Errorf("%+v", c)
	}
	if n := strings.Count(log.String(), "level=WARN"); n != 1 {
		t.Errorf("%d warnings:\n%s", n, log.String())
	}
}

// TestACollectorThatHangsHoldsABoundedNumber: while it does not answer, at most maxWaiting records and a batch are kept; the end
// comes in time.
func TestACollectorThatHangsHoldsABoundedNumber(t *testing.T) {
	asked, enough := make(chan struct{}, 1), make(chan struct{})
	c := tracetest.Start(t, func(_ http.ResponseWriter, r *http.Request) bool {
		select {
		case asked <- struct{}{}:
		default:
		}
		select {
		case <-r.Context().Done():
		case <-enough:
		}
		return false
	})
	defer close(enough)
	e := startExporter(t, c.URL, nil)
	for range batchSpans/6 + 1 {
		e.Admission(admitted())
	}
	<-asked
	const more = 3 * maxWaiting
	for range more {
		e.Admission(admitted())
	}
	if n := e.Counts().Dropped; n < more-maxWaiting {
		t.Errorf("%d of %d are dropped, and %d may wait", n, more, maxWaiting)
	}
	began := time.Now()
	if err := e.Close(within(t, 100*time.Millisecond)); err == nil {
		t.Error("the collector took everything")
	}
	if took := time.Since(began); took > patience/2 {
		t.Errorf("the end took %v", took)
	}
}

// TestACollectorThatIsBusyIsAskedAgain: it answers 503 once.
func TestACollectorThatIsBusyIsAskedAgain(t *testing.T) {
	tried := 0
	c := tracetest.Start(t, func(w http.ResponseWriter, _ *http.Request) bool {
		if tried++; tried == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		return tried > 1
	})
	e := startExporter(t, c.URL, nil)
	e.Admission(admitted())
	if err := e.Close(within(t, patience)); err != nil || e.Counts().Sent != 1 {
		t.Errorf("%v, %+v", err, e.Counts())
	}
}

func TestRecordsAfterTheEndAreDropped(t *testing.T) {
	c := tracetest.Start(t)
	e := startExporter(t, c.URL, nil)
	if err := e.Close(within(t, patience)); err != nil {
		t.Fatal(err)
	}
	for range maxWaiting + 5 {
		e.Call(trace.Call{Begin: start, End: start})
	}
	if got := e.Counts(); got.Dropped != 5 || got.Sent != 0 {
		t.Errorf("%+v", got)
	}
}

// TestAnExporterMayBeClosedTwice, also by two goroutines at once.
func TestAnExporterMayBeClosedTwice(t *testing.T) {
	e := startExporter(t, tracetest.Start(t).URL, nil)
	e.Admission(admitted())
	other := make(chan error)
	go func() { other <- e.Close(within(t, patience)) }()
	for _, err := range []error{e.Close(within(t, patience)), <-other, e.Close(within(t, patience))} {
		if err != nil {
			t.Error(err)
		}
	}
	if sent := e.Counts().Sent; sent != 1 {
		t.Errorf("%d traces are sent", sent)
	}
}
