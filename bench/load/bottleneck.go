package load

import (
	"fmt"
	"strings"
	"time"
)

const (
	// busyBound is the share of the measured time during which the loop may run, or wait for a core. Above it the loop
	// hardly ever waited for the server, so the figures show the speed of this program, not of the server.
	busyBound = 0.95

	// waitBound is how long the loop may wait for a core each time it has something to do. It may wait longer if the
	// measured times are much longer. A handshake or a delivery includes one or two such waits.
	waitBound = 250 * time.Microsecond

	// waitShare is the share of the median latency that such a wait may be.
	waitShare = 0.10

	// latenessBound is how late messages may be sent (p99), unless deliveries take much longer.
	latenessBound = 5 * time.Millisecond

	// latenessShare is the share of the delivery latency that this lateness may be.
	latenessShare = 0.25

	// minMeasured is how much time of a phase must be measured before the generator can be called its bottleneck. A
	// fast server answers 100 handshakes in 50 ms, during which a generator that keeps up has no idle time either.
	minMeasured = 500 * time.Millisecond
)

// Phase is a part of a test of which the generator can be the bottleneck.
type Phase string

// The phases.
const (
	Handshakes Phase = "handshakes"
	Deliveries Phase = "deliveries"
)

// Bottleneck says why the figures of a phase are those of the generator, not of the server. In JSON it is one string.
type Bottleneck struct {
	Phase Phase
	Why   string
}

// String is the bottleneck as it is shown and saved.
func (b Bottleneck) String() string { return string(b.Phase) + ": " + b.Why }

// MarshalText writes String.
func (b Bottleneck) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// UnmarshalText reads the output of MarshalText.
func (b *Bottleneck) UnmarshalText(text []byte) error {
	phase, why, found := strings.Cut(string(text), ": ")
	if !found {
		phase, why = "", phase
	}
	*b = Bottleneck{Phase(phase), why}
	return nil
}

// bottlenecks lists the phases of which the generator was the bottleneck, with the reasons.
func (f *fleet) bottlenecks() []Bottleneck {
	var all []Bottleneck
	add := func(phase Phase, reasons []string) {
		for _, why := range reasons {
			all = append(all, Bottleneck{phase, why})
		}
	}
	add(Handshakes, f.admission.notStartedReasons())
	add(Handshakes, f.meter.handshakes.limits(&f.admission.handshakes))
	add(Deliveries, f.meter.deliveries.limits(&f.traffic.delivery))
	late := time.Duration(f.traffic.lateness.ValueAtPercentile(99))
	took := time.Duration(f.traffic.delivery.total.ValueAtPercentile(99))
	if f.meter.deliveries.longEnough() && late > latenessBound && float64(late) > latenessShare*float64(took) {
		add(Deliveries, []string{fmt.Sprintf("the generator sent messages %v late (p99), which is part of every latency", late.Round(time.Microsecond))})
	}
	return all
}

// longEnough reports whether the effort was measured long enough for a conclusion.
func (e *effort) longEnough() bool { return e.span >= int64(minMeasured) }

// limits returns the reasons for which the generator was the bottleneck of a phase. e is its effort and latency the
// result of that phase.
func (e *effort) limits(latency *latency) (why []string) {
	if !e.longEnough() {
		return nil
	}
	if busy := e.busy(); busy > busyBound {
		why = append(why, fmt.Sprintf("the generator was the bottleneck: its loop was at work, or waiting for a core, %.1f %% of the time (limit %.0f %%)", 100*busy, 100*busyBound))
	}
	wait, median := time.Duration(e.wait/max(1, e.turns)), time.Duration(latency.total.ValueAtPercentile(50))
	if wait > waitBound && float64(wait) > waitShare*float64(median) {
		why = append(why, fmt.Sprintf("the generator was the bottleneck: it waited %v for a core each time it had something to do, which is part of every latency (median %v)",
			wait.Round(time.Microsecond), median.Round(time.Microsecond)))
	}
	return why
}
