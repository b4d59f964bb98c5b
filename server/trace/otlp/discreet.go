package otlp

import (
	"context"
	"log/slog"
)

// discreet is a handler of the library's log lines that leaves out the values of variables: those in OTEL_EXPORTER_OTLP_HEADERS are secret.
type discreet struct{ slog.Handler }

// Handle implements slog.Handler.
func (d discreet) Handle(ctx context.Context, r slog.Record) error {
	without := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		if a.Key != "input" && a.Key != "key" {
			without.AddAttrs(a)
		}
		return true
	})
	return d.Handler.Handle(ctx, without)
}
