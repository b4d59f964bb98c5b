package otlp

import (
	"context"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	otel "go.opentelemetry.io/otel/trace"

	"momentum/server/trace"
)

const admissionName = "admission"

// addAdmission makes a span of an admission, and one in it for each step.
func (s *spans) addAdmission(a *trace.Admission) {
	ctx, span := s.admissions.Start(beginning(a), admissionName, otel.WithSpanKind(otel.SpanKindServer),
		otel.WithTimestamp(a.Begin), otel.WithAttributes(attributesOf(a)...))
	for step := trace.Request; step <= a.Last(); step++ {
		s.addStep(ctx, a, step)
	}
	if a.Status >= 500 { // a client's mistake is no error of a server, by OpenTelemetry's conventions
		span.SetStatus(codes.Error, a.Reason)
	}
	span.End(otel.WithTimestamp(a.End))
}

// addStep makes the span of a step, if it has begun. A step that went on after the answer shows how long it took.
func (s *spans) addStep(ctx context.Context, a *trace.Admission, step trace.Step) {
	took := a.Steps[step]
	if took.Begin.IsZero() {
		return
	}
	_, span := s.admissions.Start(ctx, step.String(), otel.WithTimestamp(took.Begin))
	if step == a.Last() && a.Outcome != trace.Admitted {
		span.SetAttributes(attribute.String("momentum.reason", a.Reason))
		if a.Outcome == trace.Refused {
			span.SetStatus(codes.Error, a.Reason)
		}
	}
	span.End(otel.WithTimestamp(took.End))
}

// beginning returns the context of an admission's span: its trace, and its parent if it has one.
func beginning(a *trace.Admission) context.Context {
	id := otel.TraceID(a.ID)
	ctx := context.WithValue(context.Background(), chosenKey{}, id)
	parent := otel.NewSpanContext(otel.SpanContextConfig{TraceID: id, SpanID: a.Parent, TraceFlags: otel.FlagsSampled, Remote: true})
	if !parent.IsValid() {
		return ctx
	}
	return otel.ContextWithRemoteSpanContext(ctx, parent)
}

func attributesOf(a *trace.Admission) []attribute.KeyValue {
	all := []attribute.KeyValue{
		attribute.String("http.request.method", a.Method),
		attribute.String("http.route", "/ws"),
		attribute.String("momentum.outcome", a.Outcome.String()),
		attribute.String("momentum.connection", a.Connection),
		attribute.Int("momentum.reactor", a.Reactor),
		attribute.Bool("momentum.returning", a.Returning),
		attribute.Bool("momentum.inquiry", a.Inquiry),
	}
	if a.Outcome != trace.Admitted {
		all = append(all, attribute.String("momentum.reason", a.Reason))
	}
	if a.Status != 0 {
		all = append(all, attribute.Int("http.response.status_code", a.Status))
	}
	if a.Address != "" {
		all = append(all, attribute.String("client.address", a.Address))
	}
	if a.User != uuid.Nil {
		all = append(all, attribute.String("user.id", a.User.String()))
	}
	return all
}
