package otlp

import (
	"maps"
	"testing"

	"momentum/server/trace"
)

func TestTheSpanOfACall(t *testing.T) {
	all := sent(t, nil, func(e *Exporter) {
		e.Call(trace.Call{
			Parent: sampled, Begin: start, End: after(7), Method: "DELETE", Route: "/ws/bans/", Status: 404, By: "on-call", From: "192.0.2.7:5",
		})
		e.Call(trace.Call{Begin: start, End: after(1), Method: "GET", Route: "/ws/stats", Status: 503})
		e.Call(trace.Call{Parent: unsampled, Begin: start, End: after(1), Method: "GET", Route: "/metrics", Status: 200})
	})
	call := all["DELETE /ws/bans/"]
	if call.Trace != parentTrace || call.Parent != parentSpan || call.Kind != "server" || call.Failed || call.Took() != after(7).Sub(start) {
		t.Errorf("%+v", call)
	}
	want := map[string]string{
		"http.request.method": "DELETE", "http.route": "/ws/bans/", "http.response.status_code": "404", "momentum.token": "on-call", "client.address": "192.0.2.7:5",
	}
	if !maps.Equal(call.Attributes, want) {
		t.Errorf("the attributes are %v", call.Attributes)
	}
	if stats := all["GET /ws/stats"]; !stats.Failed || stats.Parent != "" {
		t.Errorf("%+v", stats)
	}
	if len(all) != 2 {
		t.Errorf("the collector got %v", all)
	}
}

// TestTheSamplerOfTheOperatorIsForCallsToo: with always_off, nothing is sent.
func TestTheSamplerOfTheOperatorIsForCallsToo(t *testing.T) {
	all := sent(t, func(o *Options) { o.Sampler = "always_off" }, func(e *Exporter) {
		e.Call(trace.Call{Begin: start, End: after(1), Method: "GET", Route: "/ws/stats", Status: 200})
	})
	if len(all) != 0 {
		t.Errorf("the collector got %v", all)
	}
}
