package tracetest

import (
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	resources "go.opentelemetry.io/proto/otlp/resource/v1"
	traces "go.opentelemetry.io/proto/otlp/trace/v1"
)

func TestSpansAreReadCompletely(t *testing.T) {
	text := func(key, value string) *common.KeyValue {
		return &common.KeyValue{Key: key, Value: &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: value}}}
	}
	number := &common.KeyValue{Key: "n", Value: &common.AnyValue{Value: &common.AnyValue_IntValue{IntValue: 7}}}
	truth := &common.KeyValue{Key: "b", Value: &common.AnyValue{Value: &common.AnyValue_BoolValue{BoolValue: true}}}
	all := spansOf(&collector.ExportTraceServiceRequest{ResourceSpans: []*traces.ResourceSpans{{
		Resource: &resources.Resource{Attributes: []*common.KeyValue{text("service.name", "a")}},
		ScopeSpans: []*traces.ScopeSpans{{Spans: []*traces.Span{{
			Name: "s", ParentSpanId: []byte{3}, Kind: traces.Span_SPAN_KIND_SERVER, StartTimeUnixNano: 5, EndTimeUnixNano: 12,
			Status:     &traces.Status{Code: traces.Status_STATUS_CODE_ERROR, Message: "why"},
			Attributes: []*common.KeyValue{text("t", "x"), number, truth},
		}}}},
	}}})
	if len(all) != 1 {
		t.Fatalf("%d spans", len(all))
	}
	s := all[0]
	if s.Name != "s" || s.Parent != "03" || s.Kind != "server" || s.Took() != 7*time.Nanosecond || !s.Failed || s.Message != "why" {
		t.Errorf("%+v", s)
	}
	if s.Attributes["t"]+s.Attributes["n"]+s.Attributes["b"]+s.Node["service.name"] != "x7truea" {
		t.Errorf("%v %v", s.Attributes, s.Node)
	}
}
