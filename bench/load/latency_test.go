package load

import (
	"math"
	"testing"
	"time"
)

// The latencies are 0 to 999 µs, again and again, and every 400th is a second. However many intervals have been merged
// into one, its 99th percentile is about 990 µs; the second may only be its maximum.
func TestIntervalsHaveEnoughLatenciesForTheirPercentiles(t *testing.T) {
	for _, n := range []int{1, 199, 1000, 10_000, 400_000} {
		l := newLatency()
		for i := range n {
			took := (i * 7919) % 1000 // a prime, so that every interval has all sizes
			if i%400 == 399 {
				took = 1_000_000
			}
			l.record(int64(i)*int64(time.Millisecond), time.Duration(took)*time.Microsecond)
		}
		counted, last := int64(0), -1.0
		all := l.curve.percentiles()
		for _, s := range all {
			counted += s.Count
			if s.Seconds <= last {
				t.Errorf("of %d: an interval ends at %v and the one before at %v", n, s.Seconds, last)
			}
			last = s.Seconds
			if n >= 1000 && (math.Abs(s.P99-.99) > .03 || math.Abs(s.P50-.5) > .05) {
				t.Errorf("of %d: %+v", n, s)
			}
		}
		if counted != int64(n) || len(all) > maxIntervals || n >= 10_000 && len(all) < maxIntervals/3 {
			t.Errorf("of %d: %d intervals with %d latencies", n, len(all), counted)
		}
	}
}

func TestLatenciesKeepThreeDigits(t *testing.T) {
	for _, took := range []time.Duration{1500, 20_130, 499_900, time.Second} {
		l := newLatency()
		l.record(0, took)
		if got := time.Duration(l.total.Max()); math.Abs(float64(got-took)) > float64(took)/1000 {
			t.Errorf("%v became %v", took, got)
		}
	}
}
