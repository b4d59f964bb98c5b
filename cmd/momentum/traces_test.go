package main

import (
	"log/slog"
	"testing"
	"time"

	"momentum/internal/config"
	"momentum/internal/tracetest"
	"momentum/server/metrics"
	"momentum/server/trace"
)

func TestWithoutACollectorNothingIsTraced(t *testing.T) {
	n := new(node)
	if err := n.startTraces(&config.Config{}, 1, slog.New(slog.DiscardHandler)); err != nil || n.traces != nil {
		t.Errorf("%v, %v", n.traces, err)
	}
	if sink := n.tracesSink(); sink != nil {
		t.Errorf("the sink is %#v", sink)
	}
	n.stopTraces()
}

func TestTheEndOfTheNodeSendsTheLastTraces(t *testing.T) {
	c := tracetest.Start(t)
	n := new(node)
	if err := n.startTraces(&config.Config{TracesEndpoint: c.URL, NodeName: "node-1"}, 1, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	n.tracesSink().Call(trace.Call{Begin: now, End: now, Method: "GET", Route: "/ws/stats", Status: 200})
	n.stopTraces()
	if all := c.Spans(); len(all) != 1 || all[0].Name != "GET /ws/stats" || all[0].Node["service.instance.id"] != "node-1" {
		t.Errorf("%+v", all)
	}
	if got := n.tracesFigures(); got != (metrics.Traces{Sent: 1}) {
		t.Errorf("%+v", got)
	}
}
