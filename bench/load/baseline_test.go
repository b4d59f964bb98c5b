package load

import (
	"strings"
	"testing"
	"time"
)

// runs is a record with one storm for each value of a metric.
func runs(name string, better Better, unit string, values ...float64) *Record {
	r := NewRecord(&Plan{Test: Storm, Connections: 10}, len(values), time.Unix(0, 0))
	for _, v := range values {
		r.Add(&Result{Test: Storm, Metrics: []Metric{{name, v, unit, better}}})
	}
	return r
}

func TestARegressionIsGreaterThanTheNoise(t *testing.T) {
	same := func(v float64) []float64 { return []float64{v, v, v, v, v} }
	for name, c := range map[string]struct {
		better              Better
		unit                string
		was, is             []float64
		regressed, improved bool
	}{
		"the same":                      {Lower, Milliseconds, same(10), same(10), false, false},
		"worse by a little":             {Lower, Milliseconds, same(10), same(10.9), false, false},
		"worse":                         {Lower, Milliseconds, same(10), same(11.5), true, false},
		"better":                        {Lower, Milliseconds, same(10), same(8), false, true},
		"worse, within a wide spread":   {Lower, Milliseconds, []float64{6, 8, 10, 12, 14}, []float64{8, 10, 12, 14, 16}, false, false},
		"worse, beyond a wide spread":   {Lower, Milliseconds, []float64{6, 8, 10, 12, 14}, []float64{26, 28, 30, 32, 34}, true, false},
		"one wild run does not matter":  {Lower, Milliseconds, same(10), []float64{10, 10, 90, 10, 10}, false, false},
		"one wild baseline neither":     {Lower, Milliseconds, []float64{10, 90, 10, 10, 10}, same(15), true, false},
		"next to nothing":               {Lower, Milliseconds, same(.1), same(.3), false, false},
		"a lower rate":                  {Higher, PerSecond, same(9000), same(7000), true, false},
		"a higher rate":                 {Higher, PerSecond, same(9000), same(12000), false, true},
		"one fault is one too many":     {Zero, Count, same(0), same(1), true, false},
		"in two runs of five":           {Zero, Count, same(0), []float64{0, 900, 0, 900, 0}, true, false},
		"fewer faults are an advantage": {Zero, Count, same(3), same(0), false, true},
	} {
		got, err := Compare(runs("m", c.better, c.unit, c.is...), runs("m", c.better, c.unit, c.was...))
		if err != nil || len(got) != 1 || got[0].Regressed != c.regressed || got[0].Improved != c.improved {
			t.Errorf("%s: %+v %v", name, got, err)
		}
	}
}

func TestAMetricThatIsMissingHasRegressed(t *testing.T) {
	got, err := Compare(runs("another", Lower, "", 1, 1, 1, 1, 1), runs("m", Lower, "", 1, 1, 1, 1, 1))
	if err != nil || len(got) != 1 || !got[0].Regressed || !got[0].Missing {
		t.Errorf("%+v %v", got, err)
	}
	if got, err := Compare(runs("m", None, "", 9, 9, 9, 9, 9), runs("m", None, "", 1, 1, 1, 1, 1)); err != nil || len(got) != 0 {
		t.Errorf("a metric without a direction is compared: %+v %v", got, err)
	}
}

func TestDifferentRunsAreNotCompared(t *testing.T) {
	for says, change := range map[string]func(ours, baseline *Record){
		"--connections is 10 and was 20": func(_, baseline *Record) { baseline.Plan.Connections = 20 },
		"--fanout":                       func(_, baseline *Record) { baseline.Plan.Fanout = Everybody },
		"the baseline has 4 runs":        func(_, baseline *Record) { baseline.Repeat = 4 },
		"--repeat is 1:":                 func(ours, _ *Record) { ours.Repeat = 1 },
		"measured on 3 CPUs":             func(ours, baseline *Record) { ours.Host.CPUs, baseline.Host.CPUs = 2, 3 },
		"give --server-pid": func(_, baseline *Record) {
			for _, r := range baseline.Groups[0].Runs {
				r.Metrics = append(r.Metrics, Metric{Name: "server_cpu"})
			}
		},
	} {
		ours, baseline := runs("m", Lower, "", 1, 1, 1, 1, 1), runs("m", Lower, "", 1, 1, 1, 1, 1)
		change(ours, baseline)
		if _, err := Compare(ours, baseline); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
}

func TestOtherDifferencesAreReported(t *testing.T) {
	ours, baseline := runs("m", Lower, "", 1, 1, 1, 1, 1), runs("m", Lower, "", 1, 1, 1, 1, 1)
	if differ, err := Comparable(ours, baseline); err != nil || len(differ) > 0 {
		t.Errorf("%q %v", differ, err)
	}
	baseline.Host.Kernel, baseline.Host.Go, baseline.Target = "1.0", "go1", "ws://elsewhere/ws"
	if differ, err := Comparable(ours, baseline); err != nil || len(differ) != 3 {
		t.Errorf("%q %v", differ, err)
	}
}
