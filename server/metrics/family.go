package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"momentum/server/stats"
)

// family is one metric with the values for all its labels.
type family struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
}

func gauge(name, help string, labels ...string) family {
	return family{prometheus.NewDesc("momentum_"+name, help, labels, nil), prometheus.GaugeValue}
}

func counter(name, help string, labels ...string) family {
	return family{prometheus.NewDesc("momentum_"+name+"_total", help, labels, nil), prometheus.CounterValue}
}

// histogram is a metric of durations, in seconds.
func histogram(name, help string, labels ...string) family {
	return family{desc: prometheus.NewDesc("momentum_"+name+"_seconds", help, labels, nil)}
}

// sink receives the metrics of a collector.
type sink chan<- prometheus.Metric

func number[N int | int64 | uint64 | float64](s sink, f family, value N, labels ...string) {
	m, err := prometheus.NewConstMetric(f.desc, f.kind, float64(value), labels...)
	s.put(f, m, err)
}

func (s sink) durations(f family, h stats.Histogram, labels ...string) {
	below, cumulative := uint64(0), make(map[float64]uint64, len(h.Bounds))
	for i, bound := range h.Bounds {
		below += h.Counts[i]
		cumulative[seconds(bound)] = below
	}
	m, err := prometheus.NewConstHistogram(f.desc, h.Count(), seconds(h.Sum), cumulative, labels...)
	s.put(f, m, err)
}

// put reports an invalid metric, which is a bug, to the scraper.
func (s sink) put(f family, m prometheus.Metric, err error) {
	if err != nil {
		m = prometheus.NewInvalidMetric(f.desc, err)
	}
	s <- m
}

func seconds(d time.Duration) float64 { return d.Seconds() }

func truth(set bool) int {
	if set {
		return 1
	}
	return 0
}
