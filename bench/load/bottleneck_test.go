package load

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
)

// calmEffort is the effort of a generator that keeps up.
var calmEffort = effort{span: 1000 * ms, work: 100 * ms, turns: 100}

func TestBottlenecksAreReportedWithTheirPhase(t *testing.T) {
	for name, c := range map[string]struct {
		did  effort
		says string
	}{
		"at ease":              {calmEffort, ""},
		"busy, but not all":    {effort{span: 1000 * ms, work: 940 * ms, turns: 100}, ""},
		"busy":                 {effort{span: 1000 * ms, work: 960 * ms, turns: 100}, "96.0 % of the time"},
		"kept from its core":   {effort{span: 1000 * ms, work: 760 * ms, wait: 200 * ms, turns: 10000}, "96.0 % of the time"},
		"late for each answer": {effort{span: 1000 * ms, work: 50 * ms, wait: 200 * ms, turns: 200}, "waited 1ms for a core each time"},
		"late, but seldom":     {effort{span: 1000 * ms, work: 50 * ms, wait: 200 * ms, turns: 10000}, ""},
		"nothing happened":     {effort{}, ""},
		"busy, long enough":    {effort{span: int64(minMeasured), work: int64(minMeasured), turns: 100}, "100.0 % of the time"},
		"busy, for a moment":   {effort{span: 50 * ms, work: 50 * ms, turns: 100}, ""},
		"late, for a moment":   {effort{span: int64(minMeasured) - 1, wait: 400 * ms, turns: 200}, ""},
	} {
		for _, phase := range []Phase{Handshakes, Deliveries} {
			f := idle(t, Throughput)
			f.admission.handshakes.record(0, 3*time.Millisecond)
			f.traffic.delivery.record(0, 3*time.Millisecond)
			f.meter.handshakes, f.meter.deliveries = c.did, calmEffort
			if phase == Deliveries {
				f.meter.handshakes, f.meter.deliveries = calmEffort, c.did
			}
			got := f.bottlenecks()
			if c.says == "" && len(got) > 0 || c.says != "" && (len(got) != 1 || !strings.Contains(got[0].Why, c.says) || got[0].Phase != phase) {
				t.Errorf("%s: %s: %q", phase, name, got)
			}
		}
	}
}

func TestAWaitThatIsShortComparedToTheLatencyIsNoBottleneck(t *testing.T) {
	f := idle(t, Throughput)
	f.meter.deliveries = effort{span: 1000 * ms, work: 50 * ms, wait: 200 * ms, turns: 200}
	f.traffic.delivery.record(0, 11*time.Millisecond)
	if got := f.bottlenecks(); len(got) > 0 {
		t.Error(got)
	}
}

func TestLateMessagesAreABottleneck(t *testing.T) {
	for span, want := range map[int64]int{1000 * ms: 1, 50 * ms: 0} {
		f := idle(t, Throughput)
		f.meter.deliveries = effort{span: span, work: ms, turns: 1}
		f.traffic.delivery.record(0, 20*time.Millisecond)
		record(f.traffic.lateness, 6*time.Millisecond)
		if got := f.bottlenecks(); len(got) != want || want == 1 && (got[0].Phase != Deliveries || !strings.Contains(got[0].Why, "late (p99)")) {
			t.Errorf("in %v: %q", time.Duration(span), got)
		}
	}
}

func TestABottleneckIsAStringInJSON(t *testing.T) {
	want := Result{Invalid: []Bottleneck{{Handshakes, "busy: 96 %"}}}
	text, err := json.Marshal(want)
	if err != nil || !strings.Contains(string(text), `"invalid":["handshakes: busy: 96 %"]`) {
		t.Fatalf("%s %v", text, err)
	}
	var got Result
	if err := json.Unmarshal(text, &got); err != nil || !slices.Equal(got.Invalid, want.Invalid) {
		t.Errorf("%+v %v", got.Invalid, err)
	}
}

// A condition on deliveries is valid although the handshakes were limited, and a condition on a count always is.
func TestConditionsOnLimitedPhasesAreMarked(t *testing.T) {
	r := runs("handshake_p99", Lower, Milliseconds, 1)
	one := r.Groups[0].Runs[0]
	one.Invalid = []Bottleneck{{Handshakes, "busy"}}
	one.Metrics = append(one.Metrics, Metric{"delivery_p99", 1, Milliseconds, Lower}, Metric{"lost", 0, Count, Zero})
	for text, limited := range map[string]bool{"handshake_p99<2ms": true, "handshake_p99<0.5ms": true, "delivery_p99<2ms": false, "lost=0": false} {
		c, err := ParseCondition(text)
		if err != nil {
			t.Fatal(err)
		}
		r.Verdicts = Evaluate([]Condition{c}, r.Groups)
		if got := r.GeneratorLimited(); got != limited {
			t.Errorf("%s: %v", text, got)
		}
	}
}

func TestComparisonsWithALimitedSideAreMarked(t *testing.T) {
	for name, side := range map[string]int{"neither": -1, "ours": 0, "the baseline": 1} {
		both := []*Record{runs("handshake_p99", Lower, Milliseconds, 1, 1, 1, 1, 1), runs("handshake_p99", Lower, Milliseconds, 1, 1, 1, 1, 1)}
		if side >= 0 {
			both[side].Groups[0].Runs[3].Invalid = []Bottleneck{{Handshakes, "busy"}}
		}
		all, err := Compare(both[0], both[1])
		if err != nil || len(all) != 1 || all[0].GeneratorLimited != (side >= 0) {
			t.Errorf("%s: %+v %v", name, all, err)
		}
	}
}

func TestShortagesOfThisHostAreABottleneck(t *testing.T) {
	p := serving(t, echoing(echo))
	p.Seconds = 1
	prepared, err := Prepare(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	prepared.sources = append(prepared.sources, testNet)
	r, err := Run(t.Context(), p, Storm, prepared, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.wantMetric(t, "failed", 0)
	if !slices.ContainsFunc(r.Invalid, func(b Bottleneck) bool { return b.Phase == Handshakes && strings.Contains(b.Why, "EADDRNOTAVAIL") }) {
		t.Errorf("invalid: %q", r.Invalid)
	}
}
