package load

import (
	"fmt"
	"maps"
	"slices"
)

// Result is what one test measured.
type Result struct {
	Test        Test           `json:"test"`
	Interrupted bool           `json:"interrupted,omitempty"`
	Invalid     []string       `json:"invalid,omitempty"`  // why the figures are the generator's, not the server's
	Problems    []string       `json:"problems,omitempty"` // what went wrong for a client
	Notes       []string       `json:"notes,omitempty"`
	Metrics     []Metric       `json:"metrics"`
	Refused     map[string]int `json:"refused,omitempty"`  // by status and code
	Failed      map[string]int `json:"failed,omitempty"`   // handshakes without an answer, by cause
	Dropped     map[string]int `json:"dropped,omitempty"`  // connections, by cause
	Answered    map[string]int `json:"answered,omitempty"` // error messages from the server, by code
	Handshakes  []Share        `json:"handshake_cdf,omitempty"`
	Entries     []Share        `json:"entry_cdf,omitempty"` // from wanting in to being in
	Deliveries  []Share        `json:"delivery_cdf,omitempty"`
	Samples     []Sample       `json:"samples"`
	Server      []ServerSample `json:"server,omitempty"`
	BaseMemory  int64          `json:"server_memory_before,omitempty"` // resident bytes before anybody came
}

func (f *fleet) result(s *sampler) *Result {
	a, t := &f.admission, &f.traffic
	r := &Result{
		Test: f.test, Interrupted: f.interrupted, Invalid: f.bottleneck(),
		Refused: a.refused, Failed: a.failed, Dropped: t.drops, Answered: t.complaints,
		Handshakes: a.handshake.cdf(), Entries: a.entry.cdf(), Deliveries: t.delivery.cdf(),
		Samples: f.series.flush(), Server: s.samples,
	}
	if len(s.samples) > 0 {
		r.BaseMemory = max(0, s.samples[0].Memory)
	}
	r.Metrics = f.metrics(r)
	r.Problems = f.problems()
	if s.answers == 0 {
		r.Notes = append(r.Notes, "no /ws/stats: "+or(s.note, "the run was too short"))
	}
	if s.process == nil {
		r.Notes = append(r.Notes, "no CPU and memory of the server: give its --server-pid, if it runs on this host")
	}
	return r
}

// problems are what a client would call an error. A refusal is none, if the client got in later.
func (f *fleet) problems() []string {
	var all []string
	complain := func(n int, format string) {
		if n > 0 {
			all = append(all, fmt.Sprintf(format, n))
		}
	}
	a, t := &f.admission, &f.traffic
	if !f.interrupted {
		complain(len(f.connections)-a.entered, "%d connections never got in")
		complain(t.expected()-t.received, "%d messages were lost")
	}
	complain(t.dropped, "%d connections were dropped")
	complain(t.duplicated, "%d messages came twice")
	complain(t.disordered, "%d messages came out of order")
	complain(t.strange, "%d messages came to somebody they were not for")
	for _, code := range slices.Sorted(maps.Keys(t.complaints)) {
		complain(t.complaints[code], "%d messages were answered with the error "+code)
	}
	return all
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
