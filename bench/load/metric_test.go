package load

import (
	"slices"
	"testing"
	"time"
)

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
