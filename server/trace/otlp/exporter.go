package otlp

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-logr/logr"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"

	"momentum/server/trace"
)

const (
	// maxWaiting bounds the records that wait for their spans to be made, of some 500 bytes each. They wait for long only while
	// a collector does not answer.
	maxWaiting = 2048

	// batchSpans is how many spans are sent at once, if they come quickly; batchAge is how long the first one waits otherwise.
	batchSpans = 512
	batchAge   = 2 * time.Second

	// sendTimeout bounds the sending of a batch, with all attempts.
	sendTimeout = 15 * time.Second

	// warnEvery is the shortest time between two warnings.
	warnEvery = time.Minute
)

// Options configures an exporter.
type Options struct {
	Settings
	Node    string // its name, for service.instance.id
	Version string // of this build
	Now     func() time.Time
	Seed    uint64 // of the ids of spans, and of the traces of calls
	Log     *slog.Logger
}

// record is a trace that waits: an admission or a call.
type record struct {
	admission *trace.Admission
	call      *trace.Call
}

// Exporter makes spans of records and sends them, on one goroutine. It implements trace.Sink.
type Exporter struct {
	admissions sdk.Sampler // also the reactors'
	queue      chan record
	spans      *spans // the goroutine's
	client     sdk.SpanExporter
	waiting    uint64 // traces in the batch; the goroutine's
	warnings   *warnings
	stop       chan struct{}
	stopOnce   sync.Once
	stopped    chan struct{}
	hurry      context.CancelFunc // ends what is being sent
	running    context.Context
	counts     struct{ sent, dropped, failed atomic.Uint64 }
}

// Start returns an exporter that runs. It does not wait for the collector.
func Start(o Options) (*Exporter, error) {
	admissions, calls, err := samplers(o.Sampler, o.Argument)
	if err != nil {
		return nil, err
	}
	warnings := &warnings{now: o.Now, log: o.Log}
	otel.SetLogger(logr.FromSlogHandler(discreet{o.Log.Handler()}))
	otel.SetErrorHandler(otel.ErrorHandlerFunc(warnings.library))
	about, err := describe(o)
	if err != nil { // of a variable; the rest is there
		warnings.library(err)
	}
	running, hurry := context.WithCancel(context.Background())
	client, err := otlptracehttp.New(running, clientOptions(o.Endpoint)...)
	if err != nil {
		hurry()
		return nil, err
	}
	e := &Exporter{
		admissions: admissions, queue: make(chan record, maxWaiting), spans: newSpans(about, calls, o.Seed), client: client,
		warnings: warnings, stop: make(chan struct{}), stopped: make(chan struct{}), hurry: hurry, running: running,
	}
	go e.run()
	return e, nil
}

// clientOptions returns the settings of the client that the library does not read by itself.
func clientOptions(endpoint string) []otlptracehttp.Option {
	all := []otlptracehttp.Option{otlptracehttp.WithRetry(otlptracehttp.RetryConfig{
		Enabled: true, InitialInterval: time.Second, MaxInterval: 5 * time.Second, MaxElapsedTime: sendTimeout,
	})}
	if os.Getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") == "" { // it comes first, and is the whole URL
		all = append(all, otlptracehttp.WithEndpointURL(strings.TrimSuffix(endpoint, "/")+"/v1/traces"))
	}
	return all
}

// describe returns the attributes of the node. Those in OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES come first.
func describe(o Options) (*resource.Resource, error) {
	return resource.New(context.Background(),
		resource.WithTelemetrySDK(),
		resource.WithAttributes(
			attribute.String("service.name", "momentum"),
			attribute.String("service.version", o.Version),
			attribute.String("service.instance.id", o.Node)),
		resource.WithFromEnv())
}

// Sample decides on an admission. The caller is a reactor, so an admission that is not traced, and has no parent, allocates nothing.
func (e *Exporter) Sample(parent []byte, random *rand.Rand) *trace.Admission {
	id, from, under := parentOf(string(parent))
	if !id.IsValid() {
		id = newTraceID(random)
	}
	decision := e.admissions.ShouldSample(sdk.SamplingParameters{ParentContext: under, TraceID: id, Name: admissionName})
	if decision.Decision != sdk.RecordAndSample {
		return nil
	}
	return &trace.Admission{ID: id, Parent: from}
}

// Admission takes the record of an admission, or drops it if too many wait.
func (e *Exporter) Admission(a *trace.Admission) { e.take(record{admission: a}) }

// Call takes a call, or drops it if too many wait.
func (e *Exporter) Call(c trace.Call) { e.take(record{call: &c}) }

func (e *Exporter) take(r record) {
	select {
	case e.queue <- r:
	default:
		e.counts.dropped.Add(1)
	}
}

// Counts says what has become of the traces since the start.
type Counts struct {
	Sent    uint64 // the collector has them
	Dropped uint64 // too many waited
	Failed  uint64 // the collector did not take them
}

// Counts returns the counters.
func (e *Exporter) Counts() Counts {
	return Counts{Sent: e.counts.sent.Load(), Dropped: e.counts.dropped.Load(), Failed: e.counts.failed.Load()}
}

// run makes spans until the exporter is closed.
func (e *Exporter) run() {
	defer close(e.stopped)
	due := time.NewTicker(batchAge)
	defer due.Stop()
	for {
		select {
		case r := <-e.queue:
			e.add(r)
		case <-due.C:
			e.send()
		case <-e.stop:
			e.finish()
			return
		}
	}
}

// add makes the spans of a record.
func (e *Exporter) add(r record) {
	before := len(e.spans.ended)
	if r.call != nil {
		e.spans.addCall(r.call)
	} else {
		e.spans.addAdmission(r.admission)
	}
	if len(e.spans.ended) > before { // a call may be left out
		e.waiting++
	}
	if len(e.spans.ended) >= batchSpans {
		e.send()
	}
}

// send sends the batch. What the collector does not take is lost.
func (e *Exporter) send() {
	batch := e.spans.take()
	if len(batch) > 0 {
		ctx, cancel := context.WithTimeout(e.running, sendTimeout)
		err := e.client.ExportSpans(ctx, batch)
		cancel()
		if err == nil {
			e.counts.sent.Add(e.waiting)
		} else {
			e.warnings.say("the collector of traces takes none", err, e.counts.failed.Add(e.waiting))
		}
	}
	e.waiting = 0
}

// finish sends everything that waits.
func (e *Exporter) finish() {
	for {
		select {
		case r := <-e.queue:
			e.add(r)
		default:
			e.send()
			return
		}
	}
}

// Close sends what waits, for as long as ctx lasts, and ends the exporter. Records that come later are dropped. It may
// be called again, and waits likewise.
func (e *Exporter) Close(ctx context.Context) error {
	e.stopOnce.Do(func() { close(e.stop) })
	select {
	case <-e.stopped:
	case <-ctx.Done():
		e.hurry()
		<-e.stopped
	}
	e.hurry()
	return errors.Join(ctx.Err(), e.client.Shutdown(context.WithoutCancel(ctx)))
}
