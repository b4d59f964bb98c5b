// Package otlp makes spans of a node's admissions and administrators' calls, and sends them to a collector of OpenTelemetry, with
// OTLP over HTTP. It is the only package that knows OpenTelemetry. See docs/adr/0030-traces.md.
package otlp
