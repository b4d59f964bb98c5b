package otlp

import (
	"context"
	"encoding/binary"
	"math/rand/v2"

	"go.opentelemetry.io/otel/propagation"
	otel "go.opentelemetry.io/otel/trace"
)

// parentOf returns the trace and the span in a header traceparent, and a context with them. All are empty if it has none. The header
// tracestate is not read: nobody needs it to find the trace.
func parentOf(header string) (id otel.TraceID, span otel.SpanID, under context.Context) {
	under = context.Background()
	if header == "" {
		return id, span, under
	}
	under = propagation.TraceContext{}.Extract(under, propagation.MapCarrier{"traceparent": header})
	found := otel.SpanContextFromContext(under)
	return found.TraceID(), found.SpanID(), under
}

func newTraceID(random *rand.Rand) (id otel.TraceID) {
	for !id.IsValid() {
		binary.BigEndian.PutUint64(id[:8], random.Uint64())
		binary.BigEndian.PutUint64(id[8:], random.Uint64())
	}
	return id
}

func newSpanID(random *rand.Rand) (id otel.SpanID) {
	for !id.IsValid() {
		binary.BigEndian.PutUint64(id[:], random.Uint64())
	}
	return id
}
