package load

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Latencies are kept in nanoseconds to three digits. Anything above the longest counts as the longest.
const (
	shortestLatency = time.Microsecond
	longestLatency  = time.Hour
	latencyDigits   = 3
)

// latency is a distribution of times, as a whole and for the window that is being sampled.
type latency struct{ whole, window *hdrhistogram.Histogram }

func newLatency() latency {
	fresh := func() *hdrhistogram.Histogram {
		return hdrhistogram.New(int64(shortestLatency), int64(longestLatency), latencyDigits)
	}
	return latency{fresh(), fresh()}
}

func (l latency) record(d time.Duration) {
	ns := min(max(int64(d), 0), int64(longestLatency))
	_ = l.whole.RecordValue(ns) // in range by the line above
	_ = l.window.RecordValue(ns)
}

// Spread is a distribution in a few figures, in milliseconds.
type Spread struct {
	Count int64   `json:"count"`
	P50   float64 `json:"p50"`
	P90   float64 `json:"p90"`
	P99   float64 `json:"p99"`
	Max   float64 `json:"max"`
}

// cut returns the window's figures and begins the next.
func (l latency) cut() Spread {
	s := spreadOf(l.window)
	if s.Count > 0 {
		l.window.Reset()
	}
	return s
}

func spreadOf(h *hdrhistogram.Histogram) Spread {
	if h.TotalCount() == 0 {
		return Spread{}
	}
	v := h.ValueAtPercentilesSlice([]float64{50, 90, 99})
	return Spread{h.TotalCount(), milliseconds(v[0]), milliseconds(v[1]), milliseconds(v[2]), milliseconds(h.Max())}
}

// Share is a point of a cumulative distribution: this share of all took at most so long.
type Share struct {
	MS    float64 `json:"ms"`
	Share float64 `json:"share"`
}

// cdf returns the distribution, closer and closer together towards its tail.
func (l latency) cdf() []Share {
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
