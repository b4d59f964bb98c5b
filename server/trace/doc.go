// Package trace describes the admissions and the administrators' calls of a node that are traced. It knows no tracing system:
// server/trace/otlp makes spans of them and sends these.
package trace
