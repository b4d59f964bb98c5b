package metrics

import "github.com/prometheus/client_golang/prometheus"

// Reloads counts the reloads of the settings since the start.
type Reloads struct {
	Taken   uint64
	Refused uint64 // the settings had a fault, and the old ones stayed in force
	Failed  bool   // the last one was refused
}

var (
	reloadsByOutcome = counter("reloads", "Reloads of the settings (SIGHUP): taken, or refused because of a fault in them.", "outcome")
	reloadFailed     = gauge("reload_failed", "1 if the last reload was refused: the files are not the settings in force.")
)

// reloads collects the reloads.
type reloads func() Reloads

// Describe sends nothing: the collector is unchecked.
func (r reloads) Describe(chan<- *prometheus.Desc) {}

// Collect sends the counters.
func (r reloads) Collect(ch chan<- prometheus.Metric) {
	f, s := r(), sink(ch)
	number(s, reloadsByOutcome, f.Taken, "taken")
	number(s, reloadsByOutcome, f.Refused, "refused")
	number(s, reloadFailed, truth(f.Failed))
}
