package storm

import (
	"time"

	"momentum/server/reason"
)

// Report says how a node is, and what the last step brought.
type Report struct {
	State      State              `json:"state"`
	Seconds    float64            `json:"seconds"` // since when
	Arrivals   float64            `json:"arrivals_per_second"`
	Admissions float64            `json:"admissions_per_second"`
	Refusals   map[string]float64 `json:"refusals_per_second"` // by reason, those that there were
	Returning  *float64           `json:"returning_share"`     // of the admissions; nil: there were none
	Missing    int                `json:"missing_clients"`     // that are expected back
	Over       *float64           `json:"over_in_seconds"`     // nil: nobody is admitted
	Everybody  float64            `json:"everybody_back_seconds"`
	Cost       float64            `json:"handshake_cpu_seconds"`
	Measured   bool               `json:"handshake_cpu_measured"`
}

// Report returns the report as of the last sample. Rate is how many handshakes a second are admitted, 0 if there is no limit, and
// cores how many processors handshakes may use.
func (w *Watch) Report(rate, cores int) Report {
	each, measured := w.cost.of()
	r := Report{
		State: w.state, Seconds: (w.last.At - w.since).Seconds(), Refusals: map[string]float64{}, Missing: w.Missing(),
		Everybody: Duration(max(w.last.Live, w.before), rate, cores, each), Cost: each.Seconds(), Measured: measured,
	}
	if w.state == "" {
		r.State = Calm
	}
	if took := w.step.At.Seconds(); took > 0 {
		r.Arrivals, r.Admissions = float64(w.step.arrivals())/took, float64(w.step.Admitted)/took
		for why, n := range w.step.Refused {
			if n > 0 {
				r.Refusals[reason.Reason(why).String()] = float64(n) / took
			}
		}
	}
	if w.step.Admitted > 0 {
		share := float64(w.step.Returned) / float64(w.step.Admitted)
		r.Returning = &share
	}
	r.Over = w.over(r.Admissions, rate)
	return r
}

// over returns in how many seconds the missing clients are back: at the rate at which clients come, or may come.
func (w *Watch) over(admissions float64, rate int) *float64 {
	speed, seconds := max(admissions, float64(rate)), 0.0
	if w.Missing() > 0 {
		if speed == 0 {
			return nil
		}
		seconds = float64(w.Missing()) / speed
	}
	return &seconds
}

// Duration returns how many seconds a storm of some clients takes: as long as the rate limiter says, or as the work takes.
func Duration(clients, rate, cores int, each time.Duration) float64 {
	work := float64(clients) * each.Seconds() / float64(max(cores, 1))
	if rate == 0 {
		return work
	}
	return max(work, float64(clients)/float64(rate))
}
