package load

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

const (
	// longestLatency is what anything longer counts as.
	longestLatency = time.Hour

	// Digits that latencies are kept to, from a nanosecond on: of the whole run, and of its stretches.
	wholeDigits   = 3
	stretchDigits = 2
)

func newHistogram(digits int) *hdrhistogram.Histogram {
	return hdrhistogram.New(1, int64(longestLatency), digits)
}

func record(h *hdrhistogram.Histogram, took time.Duration) {
	_ = h.RecordValue(min(max(int64(took), 0), int64(longestLatency))) // in range
}

// latency is a distribution of times: as a whole, over time, and since it was last told.
type latency struct {
	whole  *hdrhistogram.Histogram
	recent *hdrhistogram.Histogram
	curve  curve
}

func newLatency() latency {
	return latency{whole: newHistogram(wholeDigits), recent: newHistogram(stretchDigits), curve: curve{enough: stretchLeast}}
}

// record takes what was measured at a moment of the run.
func (l *latency) record(now int64, took time.Duration) {
	record(l.whole, took)
	record(l.recent, took)
	l.curve.record(now, took)
}

// tell returns the figures since it was last called.
func (l *latency) tell() Spread {
	s := spreadOf(l.recent)
	l.recent.Reset()
	return s
}

// curve is a distribution over time. A stretch of it ends when it has enough in it and not at a set time: the 99th
// percentile of six messages is their maximum.
type curve struct {
	enough int64
	done   []stretch
	now    stretch
}

type stretch struct {
	until int64 // when the last of it was measured
	times *hdrhistogram.Histogram
}

// record adds to the stretch that goes on. When there are too many, two become one.
func (c *curve) record(now int64, took time.Duration) {
	if c.now.times == nil {
		c.now.times = newHistogram(stretchDigits)
	}
	c.now.until = now
	record(c.now.times, took)
	if c.now.times.TotalCount() < c.enough {
		return
	}
	c.done, c.now = append(c.done, c.now), stretch{}
	if len(c.done) < maxStretches {
		return
	}
	for i := range len(c.done) / 2 {
		c.done[i] = joined(c.done[2*i], c.done[2*i+1])
	}
	c.done = c.done[:len(c.done)/2]
	c.enough *= 2
}

func joined(first, second stretch) stretch {
	first.times.Merge(second.times)
	return stretch{second.until, first.times}
}

// spreads returns what there is. The last stretch, which did not get enough, goes with the one before.
func (c *curve) spreads() []Spread {
	all := c.done
	switch last := len(all) - 1; {
	case c.now.times == nil:
	case last < 0:
		all = []stretch{c.now}
	default:
		all[last] = joined(all[last], c.now)
	}
	c.now = stretch{}
	var told []Spread
	for _, s := range all {
		one := spreadOf(s.times)
		one.Seconds = time.Duration(s.until).Seconds()
		told = append(told, one)
	}
	return told
}

// Spread is the distribution of a stretch of the run in a few figures, in milliseconds.
type Spread struct {
	Seconds float64 `json:"t"` // the stretch's end, since the run began
	Count   int64   `json:"count"`
	P50     float64 `json:"p50"`
	P90     float64 `json:"p90"`
	P99     float64 `json:"p99"`
	Max     float64 `json:"max"`
}

func spreadOf(h *hdrhistogram.Histogram) Spread {
	if h.TotalCount() == 0 {
		return Spread{}
	}
	v := h.ValueAtPercentilesSlice([]float64{50, 90, 99})
	return Spread{Count: h.TotalCount(), P50: milliseconds(v[0]), P90: milliseconds(v[1]), P99: milliseconds(v[2]), Max: milliseconds(h.Max())}
}

// Share is a point of a cumulative distribution: this share of all took at most so long.
type Share struct {
	MS    float64 `json:"ms"`
	Share float64 `json:"share"`
}

// cdf returns the distribution, closer and closer together towards its tail.
func (l *latency) cdf() []Share {
	if l.whole.TotalCount() == 0 {
		return nil
	}
	var all []Share
	for _, b := range l.whole.CumulativeDistributionWithTicks(10) {
		all = append(all, Share{milliseconds(b.ValueAt), b.Quantile / 100})
	}
	return all
}

func milliseconds(ns int64) float64 { return float64(ns) / float64(time.Millisecond) }
