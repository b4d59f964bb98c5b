package main

import (
	"context"
	"log/slog"
	"time"

	"momentum/internal/config"
	"momentum/server/metrics"
	"momentum/server/trace"
	"momentum/server/trace/otlp"
)

// lastTraces is how long the end of the node waits for a collector to take the last traces.
const lastTraces = 2 * time.Second

// startTraces starts the exporter of traces, if the settings name a collector.
func (n *node) startTraces(c *config.Config, seed uint64, log *slog.Logger) (err error) {
	if c.TracesEndpoint == "" {
		return nil
	}
	n.traces, err = otlp.Start(otlp.Options{
		Settings: otlp.Settings{Endpoint: c.TracesEndpoint, Sampler: c.TracesSampler, Argument: c.TracesSamplerArg},
		Node:     nodeName(c), Version: version(), Now: time.Now, Seed: seed, Log: log,
	})
	return wrongSettings(err)
}

// tracesSink returns the sink of traces; nil if none are made.
func (n *node) tracesSink() trace.Sink {
	if n.traces == nil {
		return nil
	}
	return n.traces
}

// tracesFigures returns the counters of traces, for /metrics.
func (n *node) tracesFigures() metrics.Traces { return metrics.Traces(n.traces.Counts()) }

// stopTraces sends the last traces, after nothing makes any more. The exporter logs its failures itself.
func (n *node) stopTraces() {
	if n.traces == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), lastTraces)
	defer cancel()
	_ = n.traces.Close(ctx)
}
