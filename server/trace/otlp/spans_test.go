package otlp

import (
	"testing"

	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"

	"momentum/server/trace"
)

func TestSpansAreTakenOnce(t *testing.T) {
	s := newSpans(resource.Empty(), sdk.AlwaysSample(), 1)
	s.addAdmission(admitted())
	s.addCall(&trace.Call{Begin: start, End: after(1), Method: "GET", Route: "/ws/stats"})
	if n := len(s.take()); n != 7 {
		t.Errorf("%d spans of an admission with five steps and a call", n)
	}
	if n := len(s.take()); n != 0 {
		t.Errorf("%d spans again", n)
	}
}

// TestTracesOfCallsDiffer: each call without a parent begins a trace.
func TestTracesOfCallsDiffer(t *testing.T) {
	s := newSpans(resource.Empty(), sdk.AlwaysSample(), 1)
	seen := map[string]bool{}
	for range 10 {
		s.addCall(&trace.Call{Begin: start, End: after(1), Method: "GET", Route: "/ws/stats"})
	}
	for _, span := range s.take() {
		seen[span.SpanContext().TraceID().String()] = true
	}
	if len(seen) != 10 {
		t.Errorf("ten calls make %d traces", len(seen))
	}
}
