package view

import (
	"math"
	"testing"
	"time"

	"momentum/server/stats"
)

var bounds = []time.Duration{time.Millisecond, 10 * time.Millisecond}

func counted(counts ...uint64) *stats.Histogram {
	return &stats.Histogram{Bounds: bounds, Counts: counts}
}

func TestAWindowForgetsAfterTenSteps(t *testing.T) {
	var w window
	w.add(counted(5, 0, 0))
	for range windowSteps - 1 {
		if got := w.add(counted(7, 1, 0)); got[0] != 7 || got[1] != 1 { // nothing has left the window: it has all since the start
			t.Fatalf("%v", got)
		}
	}
	if got := w.add(counted(8, 1, 0)); got[0] != 3 || got[1] != 1 {
		t.Errorf("%v, want what came after the first reading", got)
	}
}

func TestQuantilesAreSpreadInTheirBuckets(t *testing.T) {
	for _, tt := range []struct {
		counts []uint64
		share  float64
		want   float64
	}{
		{[]uint64{100, 0, 0}, 0.5, 0.5},
		{[]uint64{100, 0, 0}, 0.99, 0.99},
		{[]uint64{50, 50, 0}, 0.5, 1},
		{[]uint64{0, 100, 0}, 0.5, 5.5},
		{[]uint64{0, 0, 3}, 0.99, 10}, // the last bucket has no end
		{[]uint64{98, 0, 2}, 0.99, 10},
	} {
		if got := quantile(bounds, tt.counts, tt.share); got == nil || *got != tt.want {
			t.Errorf("%v of %v is %v, want %v", tt.share, tt.counts, got, tt.want)
		}
	}
	if got := quantile(bounds, []uint64{0, 0, 0}, 0.5); got != nil {
		t.Errorf("of no durations it is %v", *got)
	}
}

func TestFiguresHaveThreeDigits(t *testing.T) {
	for x, want := range map[float64]float64{0: 0, 0.123456: 0.123, 12.3456: 12.3, 1234.5: 1235, 987654: 987654, -0.98765: -0.988, math.Inf(1): 0} {
		if got := round(x); math.Abs(got-want) > 1e-12 {
			t.Errorf("%v is rounded to %v, want %v", x, got, want)
		}
	}
}
