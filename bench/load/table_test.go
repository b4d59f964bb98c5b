package load

import (
	"strings"
	"testing"
	"time"
)

func TestTheTableShowsErrorsAndBottlenecks(t *testing.T) {
	r := NewRecord(&Plan{Test: Storm}, 1, time.Unix(0, 0))
	r.Add(&Result{
		Test: Storm, Invalid: []Bottleneck{{Handshakes, "busy"}}, Problems: []string{"2 times the server violated RFC 6455: masked frame"},
		Dropped: map[string]int{"closed with 1000 \x1b[2Jbye\n": 3},
	})
	r.Verdicts = []Verdict{{Condition: "handshake_p99<1ms", Test: Storm, Value: .5, Unit: Milliseconds, Held: true, GeneratorLimited: true}}
	r.Comparison = []Comparison{{Test: Storm, Name: "handshake_p99", Regressed: true, GeneratorLimited: true}}
	var b strings.Builder
	WriteTable(&b, r)
	for _, want := range []string{
		"WARNING: handshakes: busy", "PROBLEM: 2 times the server violated RFC 6455: masked frame", "dropped: 3 × closed with 1000 \uFFFD[2Jbye\uFFFD\n",
		"handshake_p99<1ms  storm: 0.500 ms, held, but the generator was the bottleneck", "REGRESSED, but the generator was the bottleneck",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the table does not say %q:\n%s", want, b.String())
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
