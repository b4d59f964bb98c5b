package load

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Result is what one test measured.
type Result struct {
	Test           Test           `json:"test"`
	Interrupted    bool           `json:"interrupted,omitempty"`
	Invalid        []Bottleneck   `json:"invalid,omitempty"`  // which figures are the generator's, not the server's, and why
	Problems       []string       `json:"problems,omitempty"` // what went wrong for a client
	Notes          []string       `json:"notes,omitempty"`
	Metrics        []Metric       `json:"metrics"`
	Refused        map[string]int `json:"refused,omitempty"`    // by status and code
	Failed         map[string]int `json:"failed,omitempty"`     // handshakes without an answer, by cause
	Dropped        map[string]int `json:"dropped,omitempty"`    // connections, by cause
	Answered       map[string]int `json:"answered,omitempty"`   // error messages from the server, by code
	Violations     map[string]int `json:"violations,omitempty"` // of RFC 6455 by the server, by kind
	Handshakes     []Share        `json:"handshake_cdf,omitempty"`
	Entries        []Share        `json:"entry_cdf,omitempty"` // from wanting in to being in
	Deliveries     []Share        `json:"delivery_cdf,omitempty"`
	HandshakeCurve []Percentiles  `json:"handshake_over_time,omitempty"`
	DeliveryCurve  []Percentiles  `json:"delivery_over_time,omitempty"`
	Samples        []Sample       `json:"samples"`
	Server         []ServerSample `json:"server,omitempty"`
	Stats          []StatsSample  `json:"stats,omitempty"`
	BaseMemory     int64          `json:"server_memory_before,omitempty"` // resident bytes before anybody came
}

func (f *fleet) result(s *sampler) *Result {
	a, t := &f.admission, &f.traffic
	notes := s.notes()
	if a.delayedArrivals > 0 {
		notes = append(notes, fmt.Sprintf("%d arrivals waited for one of the %d places of --max-concurrent, which is in their latency", a.delayedArrivals, f.plan.MaxConcurrent))
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
	// driftLeast and driftShare are by how much the median of deliveries may grow over a sustained test, the greater of
	// the two: a server that falls behind takes seconds longer in the end, a busy host some milliseconds.
	minDrift      = 5 * time.Millisecond
	minDriftShare = 0.5
)

// problems are what a client would call an error. A refusal is none, if the client got in later.
func (f *fleet) problems() []string {
	var all []string
	complain := func(n int, format string, args ...any) {
		if n > 0 {
			all = append(all, fmt.Sprintf(format, append([]any{n}, args...)...))
		}
	}
	a, t := &f.admission, &f.traffic
	complain(f.notEntered(), "%d connections never got in")
	complain(a.failures, "%d handshakes got no answer and were tried again")
	complain(t.unsent, "%d messages were due and not sent: their connections were gone, or the server did not read from them")
	complain(f.expected()-t.received, "%d messages were lost")
	if by := time.Duration(t.drift(50)); by > max(minDrift, time.Duration(minDriftShare*float64(t.early.ValueAtPercentile(50)))) {
		all = append(all, fmt.Sprintf("deliveries became slower by %v in the median from the first third to the last", by.Round(time.Microsecond)))
	}
	complain(t.dropped, "%d connections were dropped")
	complain(t.duplicated, "%d messages came twice")
	complain(t.disordered, "%d messages came out of order")
	complain(t.misdelivered, "%d messages came to somebody they were not for")
	for _, code := range slices.Sorted(maps.Keys(t.errors)) {
		complain(t.errors[code], "%d messages were answered with the error %s", code)
	}
	for _, kind := range Causes(t.violations) {
		complain(t.violations[kind], "%d times the server violated RFC 6455: %s", kind)
	}
	return all
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
