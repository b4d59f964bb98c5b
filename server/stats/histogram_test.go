package stats

import (
	"testing"
	"time"
)

func TestHistogramBuckets(t *testing.T) {
	var h Recorder
	for _, d := range []time.Duration{0, 100 * time.Microsecond, 101 * time.Microsecond, time.Second, 10 * time.Second, time.Hour} {
		h.Observe(d)
	}
	got := newHistogram()
	got.add(&h)
	want := map[int]uint64{0: 2, 1: 1, 12: 1, 15: 1, 16: 1}
	for i, n := range got.Counts {
		if n != want[i] {
			t.Errorf("bucket %d has %d, want %d", i, n, want[i])
		}
	}
	if got.Count() != 6 || got.Sum != time.Hour+11*time.Second+201*time.Microsecond {
		t.Errorf("%d durations that come to %v", got.Count(), got.Sum)
	}
}

func BenchmarkObserve(b *testing.B) {
	var h Recorder
	b.ReportAllocs()
	for b.Loop() {
		h.Observe(3 * time.Millisecond)
	}
}
