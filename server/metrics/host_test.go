package metrics

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"momentum/server/host"
)

func TestLevelsOfTheHostAreSent(t *testing.T) {
	ch := make(chan prometheus.Metric, 100)
	collectHost(ch, &host.Figures{AcceptQueue: host.Level{Now: 1, Highest: 2, Limit: 3}, Overflows: 7})
	close(ch)
	got := map[string]float64{}
	for m := range ch {
		var d dto.Metric
		if err := m.Write(&d); err != nil {
			t.Fatal(err)
		}
		switch {
		case m.Desc() == acceptQueue.desc:
			got[d.Label[0].GetValue()] = d.Gauge.GetValue()
		case m.Desc() == overflows.desc:
			got["overflows"] = d.Counter.GetValue()
		}
	}
	if got["now"] != 1 || got["highest"] != 2 || got["limit"] != 3 || got["overflows"] != 7 {
		t.Errorf("%v", got)
	}
}
