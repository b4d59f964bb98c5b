package view

import (
	"math"
	"time"

	"momentum/server/stats"
)

// window has the last readings of a histogram.
type window struct {
	last [windowSteps + 1][]uint64 // counts in each bucket, since the start
	next int
}

// add takes a reading, and returns the durations of the window, by bucket.
func (w *window) add(h *stats.Histogram) (counts []uint64) {
	w.last[w.next] = h.Counts
	w.next = (w.next + 1) % len(w.last)
	oldest := w.last[w.next]
	counts = make([]uint64, len(h.Counts))
	for i, n := range h.Counts {
		counts[i] = n
		if oldest != nil {
			counts[i] -= oldest[i]
		}
	}
	return counts
}

// quantile returns the duration in milliseconds below which a share of the counted durations is, as if they were spread evenly in their
// buckets; nil if there are none. Of the last bucket, which has no end, it returns the beginning.
func quantile(bounds []time.Duration, counts []uint64, share float64) *float64 {
	var total, sum uint64
	for _, n := range counts {
		total += n
	}
	if total == 0 {
		return nil
	}
	rank := share * float64(total)
	var low, found time.Duration
	for i, n := range counts {
		if i == len(bounds) {
			found = low
			break
		}
		if float64(sum+n) >= rank && n > 0 {
			found = low + time.Duration(float64(bounds[i]-low)*(rank-float64(sum))/float64(n))
			break
		}
		sum += n
		low = bounds[i]
	}
	ms := round(float64(found) / float64(time.Millisecond))
	return &ms
}

// round keeps three digits, which is all that people read of a figure that changes each second.
func round(x float64) float64 {
	if x == 0 || math.IsInf(x, 0) || math.IsNaN(x) {
		return 0
	}
	scale := math.Pow(10, 2-math.Floor(math.Log10(math.Abs(x))))
	if scale < 1 {
		return math.Round(x)
	}
	return math.Round(x*scale) / scale
}
