package plot

import (
	"math"
	"strconv"
)

// axis maps values to positions in the picture.
type axis struct {
	low, high float64 // range of the values
	from, to  float64 // range in the picture
	log       bool
	ticks     []float64
}

// newAxis covers the values from low to high, extended to round numbers.
func newAxis(low, high, from, to float64, log bool) axis {
	a := axis{low: low, high: high, from: from, to: to, log: log}
	if log {
		a.decades()
		return a
	}
	a.low = math.Min(low, 0)
	if a.high <= a.low {
		a.high = a.low + 1
	}
	step := niceStep((a.high - a.low) / 4)
	a.high = math.Ceil(a.high/step-1e-9) * step
	for v := a.low; v <= a.high+step/1000; v += step {
		a.ticks = append(a.ticks, v)
	}
	return a
}

// newTimeAxis ends at the last value: time does not continue to a round number.
func newTimeAxis(low, high, from, to float64) axis {
	a := newAxis(low, high, from, to, false)
	if high > 0 {
		a.high = high
	}
	for len(a.ticks) > 0 && a.ticks[len(a.ticks)-1] > a.high {
		a.ticks = a.ticks[:len(a.ticks)-1]
	}
	return a
}

// decades puts ticks at powers of ten, and also at 2 and 5 times them if there are few.
func (a *axis) decades() {
	const least = 1e-3 // a microsecond, in milliseconds
	a.low, a.high = math.Max(a.low, least), math.Max(a.high, 2*least)
	first, last := math.Floor(math.Log10(a.low)), math.Ceil(math.Log10(a.high))
	factors := []float64{1, 2, 5}
	if last-first > 2 {
		factors = factors[:1]
	}
	var within []float64
	for decade := first; decade <= last; decade++ {
		for _, f := range factors {
			within = append(within, f*math.Pow(10, decade))
		}
	}
	for len(within) > 2 && within[1] <= a.low {
		within = within[1:]
	}
	for len(within) > 2 && within[len(within)-2] >= a.high {
		within = within[:len(within)-1]
	}
	a.ticks, a.low, a.high = within, within[0], within[len(within)-1]
}

// niceStep returns the smallest of 1, 2 and 5 times a power of ten that is at least raw.
func niceStep(raw float64) float64 {
	base := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, f := range []float64{1, 2, 5} {
		if raw <= f*base {
			return f * base
		}
	}
	return 10 * base
}

// position returns the position of a value. A value outside the axis is at its end.
func (a axis) position(v float64) float64 {
	low, high := a.low, a.high
	if a.log {
		v, low, high = math.Log10(math.Max(v, a.low)), math.Log10(low), math.Log10(high)
	}
	share := math.Min(1, math.Max(0, (v-low)/(high-low)))
	return a.from + share*(a.to-a.from)
}

// tickLabel formats the value of a tick: 20000 as 20k.
func tickLabel(v float64) string {
	switch {
	case math.Abs(v) >= 1e6:
		return strconv.FormatFloat(v/1e6, 'g', 4, 64) + "M"
	case math.Abs(v) >= 1e4:
		return strconv.FormatFloat(v/1e3, 'g', 4, 64) + "k"
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}
