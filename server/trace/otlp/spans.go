package otlp

import (
	"context"
	"math/rand/v2"

	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	otel "go.opentelemetry.io/otel/trace"
)

// spans makes spans of records. It belongs to one goroutine. The library has it make the ids (sdk.IDGenerator), and gives it the spans
// that have ended (sdk.SpanProcessor).
type spans struct {
	admissions otel.Tracer // of those that are traced
	calls      otel.Tracer
	random     *rand.Rand
	ended      []sdk.ReadOnlySpan
}

// newSpans returns spans of a node that is described by those attributes. calls decides which calls are traced.
func newSpans(about *resource.Resource, calls sdk.Sampler, seed uint64) *spans {
	s := &spans{random: rand.New(rand.NewPCG(seed, seed))}
	tracer := func(which sdk.Sampler) otel.Tracer {
		return sdk.NewTracerProvider(sdk.WithResource(about), sdk.WithSampler(which), sdk.WithIDGenerator(s), sdk.WithSpanProcessor(s)).Tracer("momentum")
	}
	s.admissions, s.calls = tracer(sdk.AlwaysSample()), tracer(calls)
	return s
}

// take returns the spans that have been made since the last time.
func (s *spans) take() []sdk.ReadOnlySpan {
	all := s.ended
	s.ended = nil
	return all
}

// chosenKey is the key of the id of a trace that has been chosen before its spans are made.
type chosenKey struct{}

// NewIDs implements sdk.IDGenerator for a span without a parent.
func (s *spans) NewIDs(ctx context.Context) (otel.TraceID, otel.SpanID) {
	id, chosen := ctx.Value(chosenKey{}).(otel.TraceID)
	if !chosen {
		id = newTraceID(s.random)
	}
	return id, newSpanID(s.random)
}

// NewSpanID implements sdk.IDGenerator for a span with a parent.
func (s *spans) NewSpanID(context.Context, otel.TraceID) otel.SpanID { return newSpanID(s.random) }

// OnStart implements sdk.SpanProcessor.
func (s *spans) OnStart(context.Context, sdk.ReadWriteSpan) {}

// OnEnd implements sdk.SpanProcessor.
func (s *spans) OnEnd(span sdk.ReadOnlySpan) { s.ended = append(s.ended, span) }

// Shutdown implements sdk.SpanProcessor.
func (s *spans) Shutdown(context.Context) error { return nil }

// ForceFlush implements sdk.SpanProcessor.
func (s *spans) ForceFlush(context.Context) error { return nil }
