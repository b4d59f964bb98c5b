package load

import (
	"math"
	"testing"
)

func group(values ...float64) *Group {
	g := &Group{Test: Storm}
	for _, v := range values {
		g.Runs = append(g.Runs, &Result{Test: Storm, Metrics: []Metric{{Name: "m", Value: v}}})
	}
	return g
}

func TestInterruptedRunsCountOnlyIfThereIsNoOther(t *testing.T) {
	g := group(1, 3, 100)
	g.Runs[2].Interrupted = true
	if r := g.Representative(); r != g.Runs[1] {
		t.Errorf("the representative run has the value %v", r.Metrics[0].Value)
	}
	if all := g.Summaries(); len(all) != 1 || all[0].Value != 2 || all[0].Low != 1 || all[0].High != 3 {
		t.Errorf("%+v", all)
	}
	alone := group(7)
	alone.Runs[0].Interrupted = true
	if all := alone.Summaries(); len(all) != 1 || all[0].Value != 7 {
		t.Errorf("a single run: %+v", all)
	}
}

func TestMedianAndDeviationIgnoreAnOutlier(t *testing.T) {
	if m := median([]float64{3, 1, 2, 4}); m != 2.5 {
		t.Errorf("the median of an even number of values is %v", m)
	}
	if m := median(nil); !math.IsNaN(m) {
		t.Errorf("the median of no values is %v", m)
	}
	calm, wild := deviation([]float64{9, 10, 11, 10, 9}), deviation([]float64{9, 10, 11, 10, 900})
	if calm != wild {
		t.Errorf("the deviation is %v, and %v with an outlier", calm, wild)
	}
}
