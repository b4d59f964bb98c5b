package metrics

import (
	"log/slog"
	"net/http"
	"regexp"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"momentum/server"
)

// Options lists the sources of the metrics.
type Options struct {
	Server    *server.Server
	Version   string           // of this build
	Directory func() Directory // nil: there is none
	Keys      func() Keys      // that are fetched from a URL; nil: there are none
	Bus       func() Bus       // to the other nodes; nil: the node is alone
	Reloads   func() Reloads   // of the settings; nil: they are never reloaded
	Traces    func() Traces    // of admissions and calls; nil: none are made
	Log       *slog.Logger
}

// Directory holds the counters of the directory of users since the start.
type Directory struct {
	Queries  uint64 // to the database
	Asked    uint64 // users in them
	Hits     uint64 // users found in the cache
	Misses   uint64 // users not found in the cache
	Failures uint64 // queries that failed or were not answered in time
	Waiting  int    // users with a pending answer
	Up       bool   // it can be queried, and reports changes
}

// Keys holds the counters of the keys that are fetched from a URL.
type Keys struct {
	InUse    uint64 // now
	Fetches  uint64 // since the start, including those that failed
	Failures uint64

	CertificateEnds int64 // Unix time; 0: the keys come without TLS
}

// maxScrapes limits the concurrent scrapes: one for each of two redundant Prometheus servers, and one by hand.
const maxScrapes = 3

// liveHeap is the metric to compare with GOMEMLIMIT. The library omits it by default.
var liveHeap = regexp.MustCompile(`^/gc/heap/live:bytes$`)

// NewHandler returns the handler of GET /metrics, with a registry of its own.
func NewHandler(o Options) (http.Handler, error) {
	registry := prometheus.NewRegistry()
	sources := []prometheus.Collector{
		node{o.Server, o.Version},
		collectors.NewGoCollector(collectors.WithGoCollectorRuntimeMetrics(
			collectors.GoRuntimeMetricsRule{Matcher: liveHeap})),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	}
	if o.Directory != nil {
		sources = append(sources, directory(o.Directory))
	}
	if o.Keys != nil {
		sources = append(sources, keys(o.Keys))
	}
	if o.Bus != nil {
		sources = append(sources, bus(o.Bus))
	}
	if o.Reloads != nil {
		sources = append(sources, reloads(o.Reloads))
	}
	if o.Traces != nil {
		sources = append(sources, traces(o.Traces))
	}
	for _, source := range sources {
		if err := registry.Register(source); err != nil {
			return nil, err
		}
	}
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{
		MaxRequestsInFlight: maxScrapes,
		ErrorLog:            slog.NewLogLogger(o.Log.Handler(), slog.LevelWarn),
	}), nil
}
