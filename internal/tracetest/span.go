package tracetest

import (
	"encoding/hex"
	"fmt"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	traces "go.opentelemetry.io/proto/otlp/trace/v1"
)

// Span is a span in a form that is easy to compare.
type Span struct {
	Trace, ID, Parent string // in hex; Parent is "" for the first span of a trace
	Name              string
	Kind              string // server or internal
	Begin, End        time.Time
	Failed            bool
	Message           string // of the failure
	Attributes        map[string]string
	Node              map[string]string // the attributes of its resource
}

// Took returns how long the span lasted.
func (s *Span) Took() time.Duration { return s.End.Sub(s.Begin) }

var kinds = map[traces.Span_SpanKind]string{traces.Span_SPAN_KIND_SERVER: "server", traces.Span_SPAN_KIND_INTERNAL: "internal"}

func spansOf(batch *collector.ExportTraceServiceRequest) (all []Span) {
	for _, resource := range batch.GetResourceSpans() {
		node := texts(resource.GetResource().GetAttributes())
		for _, scope := range resource.GetScopeSpans() {
			for _, s := range scope.GetSpans() {
				all = append(all, Span{
					Trace: hex.EncodeToString(s.GetTraceId()), ID: hex.EncodeToString(s.GetSpanId()), Parent: hex.EncodeToString(s.GetParentSpanId()),
					Name: s.GetName(), Kind: kinds[s.GetKind()],
					Begin: time.Unix(0, int64(s.GetStartTimeUnixNano())), End: time.Unix(0, int64(s.GetEndTimeUnixNano())),
					Failed: s.GetStatus().GetCode() == traces.Status_STATUS_CODE_ERROR, Message: s.GetStatus().GetMessage(),
					Attributes: texts(s.GetAttributes()), Node: node,
				})
			}
		}
	}
	return all
}

// texts returns attributes as text.
func texts(attributes []*common.KeyValue) map[string]string {
	all := make(map[string]string, len(attributes))
	for _, a := range attributes {
		switch value := a.GetValue().GetValue().(type) {
		case *common.AnyValue_StringValue:
			all[a.GetKey()] = value.StringValue
		case *common.AnyValue_IntValue:
			all[a.GetKey()] = fmt.Sprint(value.IntValue)
		case *common.AnyValue_BoolValue:
			all[a.GetKey()] = fmt.Sprint(value.BoolValue)
		default:
			all[a.GetKey()] = fmt.Sprint(value)
		}
	}
	return all
}
