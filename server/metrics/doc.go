// Package metrics shows what a node counts to Prometheus. It keeps no figures of its own: they are the reactors', and
// are added up when somebody asks.
package metrics
