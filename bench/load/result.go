package load

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Result is the measurement of one run of a test.
type Result struct {
	Test           Test           `json:"test"`
	Interrupted    bool           `json:"interrupted,omitempty"`
	Invalid        []Bottleneck   `json:"invalid,omitempty"`  // phases of which the generator was the bottleneck
	Problems       []string       `json:"problems,omitempty"` // errors that clients met
	Notes          []string       `json:"notes,omitempty"`
	Metrics        []Metric       `json:"metrics"`
	Refused        map[string]int `json:"refused,omitempty"`    // by status and code
	Failed         map[string]int `json:"failed,omitempty"`     // handshakes without an HTTP answer, by cause
	Dropped        map[string]int `json:"dropped,omitempty"`    // connections, by cause
	Answered       map[string]int `json:"answered,omitempty"`   // error messages from the server, by code
	Violations     map[string]int `json:"violations,omitempty"` // of RFC 6455 by the server, by kind
	Handshakes     []Share        `json:"handshake_cdf,omitempty"`
	Entries        []Share        `json:"entry_cdf,omitempty"` // from a client's arrival to its 101
	Deliveries     []Share        `json:"delivery_cdf,omitempty"`
	HandshakeCurve []Percentiles  `json:"handshake_over_time,omitempty"`
	DeliveryCurve  []Percentiles  `json:"delivery_over_time,omitempty"`
	Samples        []Sample       `json:"samples"`
	Server         []ServerSample `json:"server,omitempty"`
	Stats          []StatsSample  `json:"stats,omitempty"`
	BaseMemory     int64          `json:"server_memory_before,omitempty"` // resident bytes before the first connection
}

func (f *fleet) result(s *sampler) *Result {
	a, t := &f.admission, &f.traffic
	notes := s.notes()
	if a.delayedArrivals > 0 {
		notes = append(notes, fmt.Sprintf("%d clients waited for one of the %d places of --max-concurrent, which is part of their latency", a.delayedArrivals, f.plan.MaxConcurrent))
	}
	return &Result{
		Test: f.test, Interrupted: f.interrupted, Invalid: f.bottlenecks(), Problems: f.problems(), Notes: notes, Metrics: f.metrics(),
		Refused: a.refused, Failed: a.failed, Dropped: t.drops, Answered: t.errors, Violations: t.violations,
		Handshakes: a.handshakes.cdf(), Entries: a.entries.cdf(), Deliveries: t.delivery.cdf(),
		HandshakeCurve: a.handshakes.curve.percentiles(), DeliveryCurve: t.delivery.curve.percentiles(),
		Samples: f.series.flush(), Server: s.server.all, Stats: s.stats.all, BaseMemory: f.server.memoryBegin,
	}
}

const (
	// minDrift and minDriftShare: the median of deliveries may grow by the greater of the two over a sustained test. It
	// grows by seconds if a server falls behind, and by milliseconds on a busy host.
	minDrift      = 5 * time.Millisecond
	minDriftShare = 0.5
)

// problems lists the errors that clients met. A refusal is not one, if the client was admitted later.
func (f *fleet) problems() []string {
	var all []string
	problem := func(n int, format string, args ...any) {
		if n > 0 {
			all = append(all, fmt.Sprintf(format, append([]any{n}, args...)...))
		}
	}
	a, t := &f.admission, &f.traffic
	problem(f.notEntered(), "%d connections were not admitted")
	problem(a.failures, "%d handshakes got no HTTP answer and were tried again")
	problem(t.unsent, "%d messages were due and not sent: their connection was gone, or the server did not read from it")
	problem(f.expected()-t.received, "%d messages were lost")
	if by := time.Duration(t.drift(50)); by > max(minDrift, time.Duration(minDriftShare*float64(t.early.ValueAtPercentile(50)))) {
		all = append(all, fmt.Sprintf("the median delivery latency grew by %v from the first third to the last", by.Round(time.Microsecond)))
	}
	problem(t.dropped, "%d connections were dropped")
	problem(t.duplicated, "%d messages arrived twice")
	problem(t.disordered, "%d messages arrived out of order")
	problem(t.misdelivered, "%d messages arrived at a connection that they were not for")
	for _, code := range slices.Sorted(maps.Keys(t.errors)) {
		problem(t.errors[code], "%d messages were answered with the error %s", code)
	}
	for _, kind := range Causes(t.violations) {
		problem(t.violations[kind], "%d times the server violated RFC 6455: %s", kind)
	}
	return all
}
