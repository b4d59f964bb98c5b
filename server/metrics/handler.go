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

// Options is what there is to show.
type Options struct {
	Server    *server.Server
	Version   string           // of this build
	Directory func() Directory // nil: there is none
	Keys      func() Keys      // that are fetched from a URL; nil: there are none
	Log       *slog.Logger
}

// Directory is what the directory of users has counted since the start.
type Directory struct {
	Queries  uint64 // asked of the database
	Asked    uint64 // users in them
	Hits     uint64 // users who were known already
	Misses   uint64 // users who were not
	Failures uint64 // queries that failed or were not answered in time
	Waiting  int    // users waited for now
	Up       bool   // it can be asked, and tells of changes
}

// Keys is how the keys that are fetched from a URL have fared.
type Keys struct {
	InUse    uint64 // now
	Fetches  uint64 // since the start, those that failed among them
	Failures uint64
}

// mostScrapes is one for each of two Prometheus servers that do the same work, and a person's.
const mostScrapes = 3

// liveHeap is what GOMEMLIMIT is to be compared with. The library leaves it out by default.
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
	for _, source := range sources {
		if err := registry.Register(source); err != nil {
			return nil, err
		}
	}
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{
		MaxRequestsInFlight: mostScrapes,
		ErrorLog:            slog.NewLogLogger(o.Log.Handler(), slog.LevelWarn),
	}), nil
}
