// Package metrics exposes the counters of a node to Prometheus. It keeps no counters of its own: those of the reactors
// are added up at each scrape.
package metrics
