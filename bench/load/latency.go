package load

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

const (
	// maxLatency is the longest latency; a longer one is recorded as this.
	maxLatency = time.Hour

	// Significant digits of latencies, for the whole run and for each of its intervals.
	totalDigits    = 3
	intervalDigits = 2
)

func newHistogram(digits int) *hdrhistogram.Histogram {
	return hdrhistogram.New(1, int64(maxLatency), digits)
}

func record(h *hdrhistogram.Histogram, took time.Duration) {
	_ = h.RecordValue(min(max(int64(took), 0), int64(maxLatency))) // the value is in range
}

// latency is a distribution of times: in total, over time, and since the last progress report.
type latency struct {
	total  *hdrhistogram.Histogram
	recent *hdrhistogram.Histogram
	curve  curve
}

func newLatency() latency {
	return latency{total: newHistogram(totalDigits), recent: newHistogram(intervalDigits), curve: curve{minCount: minIntervalCount}}
}

// record adds a latency that was measured at a time of the run.
func (l *latency) record(now int64, took time.Duration) {
	record(l.total, took)
	record(l.recent, took)
	l.curve.record(now, took)
}

// takeRecent returns the percentiles since its last call.
func (l *latency) takeRecent() Percentiles {
	s := percentilesOf(l.recent)
	l.recent.Reset()
	return s
}

// curve is a distribution over time. An interval of it ends when it has enough values, not at a fixed time: the 99th
// percentile of six values is their maximum.
type curve struct {
	minCount int64
	finished []interval
	current  interval
}

type interval struct {
	end       int64 // when its last value was measured
	histogram *hdrhistogram.Histogram
}

// record adds to the current interval. When there are too many intervals, every two are merged into one.
func (c *curve) record(now int64, took time.Duration) {
	if c.current.histogram == nil {
		c.current.histogram = newHistogram(intervalDigits)
	}
	c.current.end = now
	record(c.current.histogram, took)
	if c.current.histogram.TotalCount() < c.minCount {
		return
	}
	c.finished, c.current = append(c.finished, c.current), interval{}
	if len(c.finished) < maxIntervals {
		return
	}
	for i := range len(c.finished) / 2 {
		c.finished[i] = mergeIntervals(c.finished[2*i], c.finished[2*i+1])
	}
	c.finished = c.finished[:len(c.finished)/2]
	c.minCount *= 2
}

func mergeIntervals(first, second interval) interval {
	first.histogram.Merge(second.histogram)
	return interval{second.end, first.histogram}
}

// percentiles returns all intervals. The last one, which may have too few values, is merged into the one before.
func (c *curve) percentiles() []Percentiles {
	all := c.finished
	switch last := len(all) - 1; {
	case c.current.histogram == nil:
	case last < 0:
		all = []interval{c.current}
	default:
		all[last] = mergeIntervals(all[last], c.current)
	}
	c.current = interval{}
	var list []Percentiles
	for _, s := range all {
		one := percentilesOf(s.histogram)
		one.Seconds = time.Duration(s.end).Seconds()
		list = append(list, one)
	}
	return list
}

// Percentiles describes the latencies of an interval of the run, in milliseconds.
type Percentiles struct {
	Seconds float64 `json:"t"` // end of the interval, since the run began
	Count   int64   `json:"count"`
	P50     float64 `json:"p50"`
	P90     float64 `json:"p90"`
	P99     float64 `json:"p99"`
	Max     float64 `json:"max"`
}

func percentilesOf(h *hdrhistogram.Histogram) Percentiles {
	if h.TotalCount() == 0 {
		return Percentiles{}
	}
	v := h.ValueAtPercentilesSlice([]float64{50, 90, 99})
	return Percentiles{Count: h.TotalCount(), P50: milliseconds(v[0]), P90: milliseconds(v[1]), P99: milliseconds(v[2]), Max: milliseconds(h.Max())}
}

// Share is a point of a cumulative distribution: this share of all latencies was at most this long.
type Share struct {
	MS    float64 `json:"ms"`
	Share float64 `json:"share"`
}

// cdf returns the cumulative distribution, with more points towards its tail.
func (l *latency) cdf() []Share {
	if l.total.TotalCount() == 0 {
		return nil
	}
	var all []Share
	for _, b := range l.total.CumulativeDistributionWithTicks(10) {
		all = append(all, Share{milliseconds(b.ValueAt), b.Quantile / 100})
	}
	return all
}

func milliseconds(ns int64) float64 { return float64(ns) / float64(time.Millisecond) }
