package load

import (
	"os"
	"path/filepath"
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

func TestConditions(t *testing.T) {
	groups := []Group{{Storm, []*Result{{Metrics: []Metric{
		{"handshake_p99", 250, Milliseconds, Lower}, {"lost", 0, Count, Zero}, {"server_memory_per_connection", 2048, Bytes, Lower},
		{"lost_share", .5, Percent, Zero}, {"handshakes_per_second", 9000, PerSecond, Higher},
	}}}}}
	for text, held := range map[string]bool{
		"handshake_p99<250ms": false, "handshake_p99<=250ms": true, "handshake_p99 < 0.3s": true, "handshake_p99<251": true, "storm.handshake_p99<1s": true,
		"lost=0": true, "lost>0": false, "server_memory_per_connection<=2KB": true, "server_memory_per_connection<2000B": false,
		"lost_share<1%": true, "handshakes_per_second>=9000/s": true, "handshakes_per_second>9000": false,
		"throughput.handshake_p99<1s": false, "delivery_p99<1s": false, // nobody measured them
	} {
		c, err := ParseCondition(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if err := CheckConditions([]Condition{c}); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if v := Judge([]Condition{c}, groups); len(v) != 1 || v[0].Held != held {
			t.Errorf("%s: %+v", text, v)
		}
	}
}

func TestConditionsThatMeanNothingAreRefused(t *testing.T) {
	for _, text := range []string{"", "handshake_p99", "handshake_p99<", "<250ms", "handshake_p99<250 lightyears", "handshake_p99<1.2.3", "all.lost=0", "handshake_p99==1"} {
		if _, err := ParseCondition(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
	for _, text := range []string{"handshake_p98<1ms", "handshake_p99<3KB", "lost<1ms", "server_cpu<50%"} {
		c, err := ParseCondition(text)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if CheckConditions([]Condition{c}) == nil {
			t.Errorf("%q is let go on", text)
		}
	}
}

func TestARegressionIsBeyondTheNoise(t *testing.T) {
	for name, c := range map[string]struct {
		better              Better
		unit                string
		was, is             []float64
		regressed, improved bool
	}{
		"the same":                      {Lower, Milliseconds, []float64{10, 10, 10}, []float64{10, 10, 10}, false, false},
		"worse by a little":             {Lower, Milliseconds, []float64{10, 10, 10}, []float64{10.9, 10.9, 10.9}, false, false},
		"worse":                         {Lower, Milliseconds, []float64{10, 10, 10}, []float64{11.5, 11.5, 11.5}, true, false},
		"better":                        {Lower, Milliseconds, []float64{10, 10, 10}, []float64{8, 8, 8}, false, true},
		"worse, within a wide spread":   {Lower, Milliseconds, []float64{8, 10, 12}, []float64{10, 12, 14}, false, false},
		"worse, beyond a wide spread":   {Lower, Milliseconds, []float64{8, 10, 12}, []float64{28, 30, 32}, true, false},
		"one wild run does not matter":  {Lower, Milliseconds, []float64{10, 10, 10}, []float64{10, 10, 90}, false, false},
		"one wild baseline neither":     {Lower, Milliseconds, []float64{10, 10, 90}, []float64{15, 15, 15}, true, false},
		"single runs get more room":     {Lower, Milliseconds, []float64{10}, []float64{12.5}, false, false},
		"but not any":                   {Lower, Milliseconds, []float64{10}, []float64{14}, true, false},
		"next to nothing":               {Lower, Milliseconds, []float64{.1, .1, .1}, []float64{.3, .3, .3}, false, false},
		"a lower rate":                  {Higher, PerSecond, []float64{9000, 9000, 9000}, []float64{7000, 7000, 7000}, true, false},
		"a higher rate":                 {Higher, PerSecond, []float64{9000, 9000, 9000}, []float64{12000, 12000, 12000}, false, true},
		"one fault is one too many":     {Zero, Count, []float64{0, 0, 0}, []float64{1, 1, 1}, true, false},
		"fewer faults are an advantage": {Zero, Count, []float64{3, 3, 3}, []float64{0, 0, 0}, false, true},
	} {
		got, err := Compare(runs("m", c.better, c.unit, c.is...), runs("m", c.better, c.unit, c.was...))
		if err != nil || len(got) != 1 || got[0].Regressed != c.regressed || got[0].Improved != c.improved {
			t.Errorf("%s: %+v %v", name, got, err)
		}
	}
}

func TestWhatIsNoLongerMeasuredHasRegressed(t *testing.T) {
	got, err := Compare(runs("another", Lower, "", 1), runs("m", Lower, "", 1))
	if err != nil || len(got) != 1 || !got[0].Regressed || !got[0].Missing {
		t.Errorf("%+v %v", got, err)
	}
	if got, err := Compare(runs("m", None, "", 9), runs("m", None, "", 1)); err != nil || len(got) != 0 {
		t.Errorf("a metric without a direction is judged: %+v %v", got, err)
	}
}

func TestOnlyLikeIsComparedWithLike(t *testing.T) {
	ours, baseline := runs("m", Lower, "", 1), runs("m", Lower, "", 1)
	baseline.Plan.Connections, baseline.Plan.Fanout = 20, Everybody
	_, err := Compare(ours, baseline)
	if err == nil || !strings.Contains(err.Error(), "--connections is 10 and was 20") || !strings.Contains(err.Error(), "--fanout") {
		t.Error(err)
	}
}

func TestARecordIsReadAsItWasSaved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "baseline.json")
	saved := runs("m", Lower, Milliseconds, 1, 2, 4)
	saved.Plan.Secret, saved.Plan.URL = "hush", "ws://h/ws?token=hush"
	if err := saved.Save(path); err != nil {
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
		t.Errorf("left behind: %v", left)
	}
}

func TestFilesThatAreNoBaselineAreRefused(t *testing.T) {
	invalid := runs("m", Lower, "", 1)
	invalid.Groups[0].Runs[0].Invalid = []string{"busy"}
	cut := runs("m", Lower, "", 1)
	cut.Groups[0].Runs[0].Interrupted = true
	old := runs("m", Lower, "", 1)
	old.Version = 0
	directory := t.TempDir()
	for name, r := range map[string]*Record{"invalid": invalid, "interrupted": cut, "old": old} {
		path := filepath.Join(directory, name)
		if err := r.Save(path); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadRecord(path); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	for name, text := range map[string]string{"not JSON": "hello", "no run": `{"version":1,"tests":[{"test":"storm","runs":[]}]}`} {
		path := filepath.Join(directory, name)
		if err := WriteFile(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadRecord(path); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestFiguresHaveNoMoreDigitsThanMeanSomething(t *testing.T) {
	for want, m := range map[string]Metric{
		"0.136 ms": {Value: .13604, Unit: Milliseconds}, "23.4 ms": {Value: 23.42, Unit: Milliseconds}, "1,234 ms": {Value: 1234.4, Unit: Milliseconds}, "12.3 s": {Value: 12281, Unit: Milliseconds},
		"15,000": {Value: 15000}, "-1,200 B": {Value: -1200, Unit: Bytes}, "90.4 %": {Value: 90.44, Unit: Percent}, "0 %": {Unit: Percent},
	} {
		if got := Figure(m.Value, m.Unit); got != want {
			t.Errorf("%v: %s, want %s", m, got, want)
		}
	}
}
