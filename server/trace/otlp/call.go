package otlp

import (
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	otel "go.opentelemetry.io/otel/trace"

	"momentum/server/trace"
)

// addCall makes a span of an administrator's call, if it is to be traced.
func (s *spans) addCall(c *trace.Call) {
	_, _, under := parentOf(c.Parent)
	_, span := s.calls.Start(under, c.Method+" "+c.Route, otel.WithSpanKind(otel.SpanKindServer), otel.WithTimestamp(c.Begin),
		otel.WithAttributes(
			attribute.String("http.request.method", c.Method),
			attribute.String("http.route", c.Route),
			attribute.Int("http.response.status_code", c.Status),
			attribute.String("momentum.token", c.By),
			attribute.String("client.address", c.From)))
	if c.Status >= 500 {
		span.SetStatus(codes.Error, "")
	}
	span.End(otel.WithTimestamp(c.End))
}
