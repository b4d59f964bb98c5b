package metrics

import "github.com/prometheus/client_golang/prometheus"

// Traces counts the traces of admissions and calls since the start.
type Traces struct {
	Sent    uint64
	Dropped uint64 // too many waited
	Failed  uint64 // the collector did not take them
}

var tracesByOutcome = counter("traces", "Traces of admissions and admin calls: sent, dropped because too many waited, or failed because the collector did not take them.", "outcome")

// traces collects the traces.
type traces func() Traces

// Describe sends nothing: the collector is unchecked.
func (t traces) Describe(chan<- *prometheus.Desc) {}

// Collect sends the counters.
func (t traces) Collect(ch chan<- prometheus.Metric) {
	f, s := t(), sink(ch)
	number(s, tracesByOutcome, f.Sent, "sent")
	number(s, tracesByOutcome, f.Dropped, "dropped")
	number(s, tracesByOutcome, f.Failed, "failed")
}
