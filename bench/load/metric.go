package load

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Units of metrics.
const (
	Milliseconds = "ms"
	Microseconds = "µs"
	PerSecond    = "/s"
	Count        = ""
	Percent      = "%"
	Cores        = "cores"
	Bytes        = "B"
)

// Better is the direction in which a metric improves.
type Better string

// The directions. A metric without one is shown and not compared.
const (
	Higher Better = "higher"
	Lower  Better = "lower"
	Zero   Better = "zero" // any other value is a fault
	None   Better = ""
)

// Metric is one figure of a result. Conditions and baselines refer to it by name.
type Metric struct {
	Name   string  `json:"name"`
	Value  float64 `json:"value"`
	Unit   string  `json:"unit,omitempty"`
	Better Better  `json:"better,omitempty"`
}

// Metric returns the metric with that name.
func (r *Result) Metric(name string) (Metric, bool) {
	for _, m := range r.Metrics {
		if m.Name == name {
			return m, true
		}
	}
	return Metric{}, false
}

// metricList collects metrics in the order in which they are shown.
type metricList []Metric

func (s *metricList) add(name string, value float64, unit string, better Better) {
	*s = append(*s, Metric{name, value, unit, better})
}

// minBeyond is how many latencies must be above a percentile before it is compared. The 99.9th percentile of 500 values
// is their maximum.
const minBeyond = 10

// addPercentiles adds percentiles and the maximum. The maximum is not compared, because it is a single value.
func (s *metricList) addPercentiles(name string, h *hdrhistogram.Histogram) {
	if h.TotalCount() == 0 {
		return
	}
	for _, at := range []struct {
		name   string
		beyond int64 // one of so many latencies is above it
		value  float64
	}{{"_p50", 2, 50}, {"_p90", 10, 90}, {"_p99", 100, 99}, {"_p999", 1000, 99.9}} {
		better := Lower
		if h.TotalCount() < minBeyond*at.beyond {
			better = None
		}
		s.add(name+at.name, milliseconds(h.ValueAtPercentile(at.value)), Milliseconds, better)
	}
	s.add(name+"_max", milliseconds(h.Max()), Milliseconds, None)
}

// metrics returns all metrics of the test.
func (f *fleet) metrics() []Metric {
	var s metricList
	admissionMetrics(f, &s)
	if f.test != Storm {
		trafficMetrics(f, &s)
	}
	serverMetrics(f, &s)
	all := f.meter.handshakes
	all.add(f.meter.deliveries)
	s.add("generator_cpu", all.cpu(), Cores, None)
	s.add("generator_busy", 100*max(f.meter.handshakes.busy(), f.meter.deliveries.busy()), Percent, None)
	return s
}

func admissionMetrics(f *fleet, s *metricList) {
	a := &f.admission
	s.add("connections", float64(len(f.connections)), Count, None)
	s.add("entered", float64(a.entered), Count, None) // the fault is not_entered
	s.add("not_entered", float64(f.notEntered()), Count, Zero)
	if a.lastAdmitted > 0 {
		faster, sooner := Higher, Lower
		if a.arrivalInterval > 0 { // then the schedule sets them
			faster, sooner = None, None
		}
		s.add("handshakes_per_second", float64(a.entered)/time.Duration(a.lastAdmitted).Seconds(), PerSecond, faster)
		if a.entered == len(f.connections) {
			s.add("everyone_in", milliseconds(a.lastAdmitted), Milliseconds, sooner)
		}
	}
	s.addPercentiles("handshake", a.handshakes.total)
	s.addPercentiles("entry", a.entries.total)
	s.add("refused", float64(a.refusals), Count, None)
	s.add("failed", float64(a.failures), Count, Zero)
	s.add("dropped", float64(f.traffic.dropped), Count, Zero)
	s.add("violations", float64(f.traffic.violationCount), Count, Zero)
}

// notEntered counts the connections that were not admitted. After an interrupt, these are the ones that were refused
// for good.
func (f *fleet) notEntered() int {
	if f.interrupted {
		return f.admission.givenUp
	}
	return len(f.connections) - f.admission.entered
}

func trafficMetrics(f *fleet, s *metricList) {
	t := &f.traffic
	s.add("sent", float64(t.sent), Count, None)
	s.add("unsent", float64(t.unsent), Count, Zero)
	s.add("delivered", float64(t.received), Count, None)
	expected := f.expected()
	lost := max(0, expected-t.received)
	s.add("lost", float64(lost), Count, Zero)
	s.add("lost_share", 100*float64(lost)/float64(max(1, expected)), Percent, Zero)
	s.add("duplicated", float64(t.duplicated), Count, Zero)
	s.add("disordered", float64(t.disordered), Count, Zero)
	if span := time.Duration(t.lastReceived - t.began); t.received > 0 && span > 0 {
		s.add("deliveries_per_second", float64(t.received)/span.Seconds(), PerSecond, None) // the schedule sets it
	}
	s.addPercentiles("delivery", t.delivery.total)
	if t.late.TotalCount() > 0 && t.early.TotalCount() > 0 {
		s.add("drift_p50", milliseconds(t.drift(50)), Milliseconds, Lower)
		s.add("drift_p99", milliseconds(t.drift(99)), Milliseconds, Lower)
	}
	if h := t.lateness; h.TotalCount() > 0 {
		s.add("lateness_p99", milliseconds(h.ValueAtPercentile(99)), Milliseconds, None)
	}
}

// drift is the latency of the last third of a sustained test minus that of the first third.
func (t *traffic) drift(percentile float64) int64 {
	return t.late.ValueAtPercentile(percentile) - t.early.ValueAtPercentile(percentile)
}
