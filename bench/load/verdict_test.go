package load

import (
	"math"
	"os"
	"path/filepath"
	"slices"
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

func TestConditionsAreAppliedToMedians(t *testing.T) {
	groups := []Group{{Storm, []*Result{{Metrics: []Metric{
		{"handshake_p99", 250, Milliseconds, Lower}, {"lost", 0, Count, Zero}, {"server_memory_per_connection", 2048, Bytes, Lower},
		{"lost_share", .5, Percent, Zero}, {"handshakes_per_second", 9000, PerSecond, Higher},
		{"server_cpu_per_handshake", 20, Microseconds, Lower},
	}}}}}
	for text, held := range map[string]bool{
		"handshake_p99<250ms": false, "handshake_p99<=250ms": true, "handshake_p99 < 0.3s": true, "handshake_p99<251": true, "storm.handshake_p99<1s": true,
		"lost=0": true, "lost>0": false, "server_memory_per_connection<=2KB": true, "server_memory_per_connection<2000B": false,
		"lost_share<1%": true, "handshakes_per_second>=9000/s": true, "handshakes_per_second>9000": false,
		"throughput.handshake_p99<1s": false, "delivery_p99<1s": false, // not measured
		"server_cpu_per_handshake<30us": true, "server_cpu_per_handshake<0.01ms": false, "server_cpu_per_handshake<21": true,
	} {
		c, err := ParseCondition(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if err := CheckConditions([]Condition{c}, &Plan{Test: All, ServerPID: 1}); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if v := Evaluate([]Condition{c}, groups); len(v) != 1 || v[0].Held != held {
			t.Errorf("%s: %+v", text, v)
		}
	}
}

func TestInvalidConditionsAreRefused(t *testing.T) {
	for _, text := range []string{"", "handshake_p99", "handshake_p99<", "<250ms", "handshake_p99<250 lightyears", "handshake_p99<1.2.3", "all.lost=0", "handshake_p99==1"} {
		if _, err := ParseCondition(text); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
	storm, all := Plan{Test: Storm}, Plan{Test: All, ServerPID: 1}
	for text, p := range map[string]*Plan{
		"handshake_p98<1ms": &all, "handshake_p99<3KB": &all, "lost<1ms": &all, "server_cpu<50%": &all, "server_cpu_per_handshake<1KB": &all,
		"storm.delivery_p99<1ms": &all, "throughput.drift_p50<1ms": &all,
		"delivery_p99<1ms": &storm, "throughput.handshake_p99<1ms": &storm, "server_cpu<1": &storm,
	} {
		c, err := ParseCondition(text)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if CheckConditions([]Condition{c}, p) == nil {
			t.Errorf("%s: %q is accepted", p.Test, text)
		}
	}
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

func TestPercentilesOfFewLatenciesAreNotCompared(t *testing.T) {
	for count, compared := range map[int]int{10: 0, 100: 2, 999: 2, 1000: 3, 10_000: 4} {
		h := newHistogram(totalDigits)
		for range count {
			record(h, time.Millisecond)
		}
		var s metricList
		s.addPercentiles("handshake", h)
		if got := len(s) - len(slices.DeleteFunc(slices.Clone(s), func(m Metric) bool { return m.Better != None })); got != compared {
			t.Errorf("of %d: %d percentiles are compared, want %d", count, got, compared)
		}
	}
}

func TestARecordIsReadAsItWasSaved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "baseline.json")
	saved := runs("m", Lower, Milliseconds, 1, 2, 4)
	saved.Plan.Secret, saved.Target = "hush", redacted("ws://me:hush@h/ws?token=hush#hush")
	if err := saved.Save(path, nil); err != nil {
		t.Fatal(err)
	}
	text, _ := os.ReadFile(path)
	if strings.Contains(string(text), "hush") {
		t.Error("a secret is in the file")
	}
	read, err := ReadRecord(path)
	if err != nil {
		t.Fatal(err)
	}
	if m, ok := read.Groups[0].median("m"); !ok || m.Value != 2 || m.Unit != Milliseconds || m.Better != Lower {
		t.Errorf("%+v", m)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*")); len(left) != 1 {
		t.Errorf("left over: %v", left)
	}
}

func TestInvalidBaselinesAreRefused(t *testing.T) {
	cut := runs("m", Lower, "", 1)
	cut.Groups[0].Runs[0].Interrupted = true
	short := runs("m", Lower, "", 1)
	short.Incomplete = "the server went away"
	old := runs("m", Lower, "", 1)
	old.Version = 0
	directory := t.TempDir()
	for name, r := range map[string]*Record{"interrupted": cut, "incomplete": short, "old": old} {
		path := filepath.Join(directory, name)
		if err := r.Save(path, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadRecord(path); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	for name, text := range map[string]string{"not JSON": "hello", "no run": `{"version":2,"tests":[{"test":"storm","runs":[]}]}`} {
		path := filepath.Join(directory, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadRecord(path); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestFiguresHaveOnlySignificantDigits(t *testing.T) {
	for want, m := range map[string]Metric{
		"0.136 ms": {Value: .13604, Unit: Milliseconds}, "23.4 ms": {Value: 23.42, Unit: Milliseconds}, "1,234 ms": {Value: 1234.4, Unit: Milliseconds}, "12.3 s": {Value: 12281, Unit: Milliseconds},
		"15,000": {Value: 15000}, "-1,200 B": {Value: -1200, Unit: Bytes}, "90.4 %": {Value: 90.44, Unit: Percent}, "0 %": {Unit: Percent},
	} {
		if got := Figure(m.Value, m.Unit); got != want {
			t.Errorf("%v: %s, want %s", m, got, want)
		}
	}
}

func TestInvalidPlansAreRefused(t *testing.T) {
	good := Plan{Test: All, Connections: 10, Messages: 10, Seconds: 60, MaxConcurrent: 1, IntervalMS: 100, Fanout: Partner, Secret: "s"}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for says, change := range map[string]func(p *Plan){
		"--messages is 9223372036854775807":   func(p *Plan) { p.Messages = math.MaxInt },
		"--duration is 86401":                 func(p *Plan) { p.Seconds = maxSeconds + 1 },
		"--message-interval is 3600001":       func(p *Plan) { p.IntervalMS = maxInterval + 1 },
		"take longer than a day":              func(p *Plan) { p.Messages, p.IntervalMS = 1_000_000, 1000 },
		"--arrival-rate is NaN":               func(p *Plan) { p.ArrivalRate = math.NaN() },
		"--arrival-rate is +Inf":              func(p *Plan) { p.ArrivalRate = math.Inf(1) },
		"--arrival-rate is -1":                func(p *Plan) { p.ArrivalRate = -1 },
		"do not arrive within the --duration": func(p *Plan) { p.ArrivalRate = .1 },
		"--server-pid is -1":                  func(p *Plan) { p.ServerPID = -1 },
	} {
		p := good
		change(&p)
		if err := p.Validate(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
}
