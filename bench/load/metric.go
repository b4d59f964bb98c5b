package load

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Units of metrics.
const (
	Milliseconds = "ms"
	PerSecond    = "/s"
	Count        = ""
	Percent      = "%"
	Cores        = "cores"
	Bytes        = "B"
)

// Better says which way a metric improves.
type Better string

// The directions. A metric with none is told and not judged.
const (
	Higher Better = "higher"
	Lower  Better = "lower"
	Zero   Better = "zero" // anything else is a fault, however little
	None   Better = ""
)

// Metric is one figure of a result. Conditions and baselines refer to it by name.
type Metric struct {
	Name   string  `json:"name"`
	Value  float64 `json:"value"`
	Unit   string  `json:"unit,omitempty"`
	Better Better  `json:"better,omitempty"`
}

// Metric returns the figure of that name.
func (r *Result) Metric(name string) (Metric, bool) {
	for _, m := range r.Metrics {
		if m.Name == name {
			return m, true
		}
	}
	return Metric{}, false
}

// sheet collects metrics in the order they are shown.
type sheet []Metric

func (s *sheet) add(name string, value float64, unit string, better Better) {
	*s = append(*s, Metric{name, value, unit, better})
}

func (s *sheet) spread(name string, h *hdrhistogram.Histogram) {
	if h.TotalCount() == 0 {
		return
	}
	at := []float64{50, 90, 99, 99.9}
	for i, v := range h.ValueAtPercentilesSlice(at) {
		s.add(name+[]string{"_p50", "_p90", "_p99", "_p999"}[i], milliseconds(v), Milliseconds, Lower)
	}
	s.add(name+"_max", milliseconds(h.Max()), Milliseconds, None) // one sample: noise
}

func (f *fleet) metrics(r *Result) []Metric {
	var s sheet
	f.admissionMetrics(&s)
	if f.test != Storm {
		f.trafficMetrics(&s)
	}
	serverMetrics(&s, r)
	s.add("generator_cpu", f.watch.cpu(), Cores, None)
	s.add("generator_busy", 100*f.watch.busy(), Percent, None)
	return s
}

func (f *fleet) admissionMetrics(s *sheet) {
	a := &f.admission
	s.add("connections", float64(len(f.connections)), Count, None)
	s.add("entered", float64(a.entered), Count, Higher)
	s.add("not_entered", float64(len(f.connections)-a.entered), Count, Zero)
	if a.lastIn > 0 {
		took := time.Duration(a.lastIn)
		s.add("handshakes_per_second", float64(a.entered)/took.Seconds(), PerSecond, Higher)
		if a.entered == len(f.connections) {
			s.add("everyone_in", milliseconds(a.lastIn), Milliseconds, Lower)
		}
	}
	s.spread("handshake", a.handshake.whole)
	s.spread("entry", a.entry.whole)
	s.add("refused", float64(a.refusals), Count, None)
	s.add("failed", float64(a.failures), Count, Zero)
	s.add("dropped", float64(f.traffic.dropped), Count, Zero)
}

func (f *fleet) trafficMetrics(s *sheet) {
	t := &f.traffic
	s.add("sent", float64(t.sent), Count, None)
	s.add("delivered", float64(t.received), Count, None)
	lost := max(0, t.expected()-t.received)
	s.add("lost", float64(lost), Count, Zero)
	s.add("lost_share", 100*float64(lost)/float64(max(1, t.expected())), Percent, Zero)
	s.add("duplicated", float64(t.duplicated), Count, Zero)
	s.add("disordered", float64(t.disordered), Count, Zero)
	if span := time.Duration(t.lastReceived - t.began); t.received > 0 && span > 0 {
		s.add("deliveries_per_second", float64(t.received)/span.Seconds(), PerSecond, None) // the schedule sets it
	}
	s.spread("delivery", t.delivery.whole)
	if late := t.late.whole; late.TotalCount() > 0 && t.early.whole.TotalCount() > 0 {
		first, last := t.early.whole.ValueAtPercentile(50), late.ValueAtPercentile(50)
		s.add("drift_p50", milliseconds(last-first), Milliseconds, None)
		s.add("drift_p99", milliseconds(late.ValueAtPercentile(99)-t.early.whole.ValueAtPercentile(99)), Milliseconds, None)
	}
	if h := t.lateness.whole; h.TotalCount() > 0 {
		s.add("lateness_p99", milliseconds(h.ValueAtPercentile(99)), Milliseconds, None)
	}
}

// serverMetrics are taken from the samples with most connections open: a mean over the ramp would say nothing.
func serverMetrics(s *sheet, r *Result) {
	var cpu float64
	var counted, most int
	var memory int64
	for _, one := range r.Server {
		if one.CPU < 0 {
			continue
		}
		cpu += one.CPU
		counted++
		if one.Open >= most && one.Open > 0 {
			most, memory = one.Open, one.Memory
		}
	}
	if counted > 0 {
		s.add("server_cpu", cpu/float64(counted), Cores, Lower)
	}
	if most > 0 && memory > 0 {
		s.add("server_memory_per_connection", float64(max(0, memory-r.BaseMemory))/float64(most), Bytes, Lower)
	}
}
