package report

import (
	"strings"
	"testing"
	"time"

	"momentum/bench/load"
	"momentum/bench/plot/plottest"
)

// measured is a record that has every kind of content.
func measured(test load.Test) *load.Record {
	plan := &load.Plan{Test: test, URL: "ws://127.0.0.1:1/ws?token=secret", Connections: 10, Fanout: load.Partner}
	r := load.NewRecord(plan, 1, time.Unix(1_700_000_000, 0))
	one := &load.Result{
		Test: test, Invalid: []load.Bottleneck{{Phase: load.Handshakes, Why: "too <busy>"}}, Problems: []string{"3 messages were lost"}, Notes: []string{"a note"},
		Metrics:    []load.Metric{{Name: "handshake_p99", Value: 12.3, Unit: load.Milliseconds, Better: load.Lower}, {Name: "refused", Value: 4}},
		Refused:    map[string]int{"503 full": 4},
		Handshakes: []load.Share{{MS: 0.1, Share: 0}, {MS: 1, Share: .5}, {MS: 30, Share: 1}},
		Deliveries: []load.Share{{MS: 0.1, Share: 0}, {MS: 1, Share: .5}},
	}
	for i := range 300 {
		at := float64(i) / 10
		one.Samples = append(one.Samples, load.Sample{Seconds: at, Open: i, Refused: i % 2, Sent: 5, Delivered: 5, CPU: .2})
		one.HandshakeCurve = append(one.HandshakeCurve, load.Percentiles{Seconds: at, Count: 200, P50: 1, P90: 2, P99: 3})
		one.Server = append(one.Server, load.ServerSample{Seconds: at, CPU: .5, Memory: 1 << 20, Open: i})
		one.Stats = append(one.Stats, load.StatsSample{Seconds: at, Connections: i})
	}
	r.Add(one)
	r.Verdicts = []load.Verdict{{Condition: "handshake_p99<1ms", Test: test, Value: 12.3, Unit: load.Milliseconds}}
	r.Comparison = []load.Comparison{{Test: test, Name: "handshake_p99", Unit: load.Milliseconds, Was: 1, Is: 12.3, Noise: .3, Regressed: true}}
	return r
}

func pageOf(t *testing.T, r *load.Record) string {
	t.Helper()
	page, err := Page(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

func TestThePageNeedsNoNetwork(t *testing.T) {
	for _, test := range []load.Test{load.Storm, load.Throughput, load.Sustained} {
		page := pageOf(t, measured(test))
		if _, err := plottest.Pictures(page); err != nil {
			t.Errorf("%s: %v", test, err)
		}
		if strings.Contains(page, "secret") {
			t.Error("the token of the URL is in the page")
		}
	}
}
