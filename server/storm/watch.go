package storm

import (
	"time"

	"momentum/server/reason"
)

// State says whether a node is in a storm.
type State string

// The states. A storm is recovering after its peak, until the clients are back.
const (
	Calm       State = "calm"
	Storm      State = "storm"
	Recovering State = "recovering"
)

// States are all of them.
var States = []State{Calm, Storm, Recovering}

// Sample has the counts of a node since its start, at one time.
type Sample struct {
	At        time.Duration // since the start
	Admitted  uint64
	Returned  uint64 // of these, handshakes of clients that were connected lately
	Abandoned uint64
	Refused   [reason.Count]uint64
	Live      int           // sessions
	Processor time.Duration // of the process; 0: not known
}

// arrivals returns how many handshakes have been decided, or given up.
func (s *Sample) arrivals() (n uint64) {
	n = s.Admitted + s.Abandoned
	for _, refused := range s.Refused {
		n += refused
	}
	return n
}

// Watch follows the samples of a node, the first of which is one Step after its start. It belongs to one goroutine.
type Watch struct {
	cost    cost
	last    Sample
	step    Sample // the differences of the last two
	state   State
	since   time.Duration
	below   int // steps in a row below the limits of the state
	fleet   fleet
	before  int // connections before the storm
	waiting int // clients refused as busy that have not come back
}

// Change is a change of the state.
type Change struct {
	From, To State
	After    time.Duration // how long the former state lasted
}

// Next takes a sample, a Step after the one before, and reports whether the state has changed.
func (w *Watch) Next(s Sample) (c Change, changed bool) {
	if w.state == "" {
		w.state = Calm
	}
	w.step = difference(&s, &w.last)
	w.last = s
	w.cost.observe(&w.step)
	w.count()
	next := w.next()
	w.fleet.add(s.Live)
	if next == w.state {
		return c, false
	}
	c = Change{w.state, next, s.At - w.since}
	w.enter(next)
	return c, true
}

// count follows the clients that were refused as busy and are expected.
func (w *Watch) count() {
	w.waiting = max(0, w.waiting+int(w.step.Refused[reason.RefusedBusy])-int(w.step.Admitted))
}

// limit returns how many arrivals in a step make a storm.
func (w *Watch) limit() uint64 { return uint64(max(leastArrivals, w.fleet.most()/fleetShare)) }

// next returns the state after this step.
func (w *Watch) next() State {
	arrivals, busy, limit := w.step.arrivals(), w.step.Refused[reason.RefusedBusy], w.limit()
	if arrivals >= limit || busy >= refusedBusy {
		w.below = 0
		return Storm
	}
	switch w.state {
	case Storm:
		if w.stays(arrivals < limit/2 && busy < refusedBusy/2, ebbSteps) {
			return Recovering
		}
	case Recovering:
		late := w.last.At-w.since >= longestRecovery*Step
		if w.stays(arrivals < limit/4 && busy == 0 && (w.Missing() == 0 || late), calmSteps) {
			return Calm
		}
	}
	return w.state
}

// stays counts consecutive steps in which a condition holds, and reports whether there were enough of them.
func (w *Watch) stays(so bool, steps int) bool {
	if !so {
		w.below = 0
		return false
	}
	w.below++
	return w.below >= steps
}

func (w *Watch) enter(next State) {
	if w.state == Calm {
		w.before = w.fleet.most()
	}
	if next == Calm {
		w.before, w.waiting = 0, 0
	}
	w.state, w.since, w.below = next, w.last.At, 0
}

// Missing returns how many clients are expected back: clients that were connected before the storm, and clients that
// were refused in it.
func (w *Watch) Missing() int {
	if w.state == Calm {
		return 0
	}
	return max(0, w.before-w.last.Live, w.waiting)
}

// difference returns what has happened between two samples.
func difference(now, before *Sample) Sample {
	d := *now
	d.Admitted -= before.Admitted
	d.Returned -= before.Returned
	d.Abandoned -= before.Abandoned
	for r := range d.Refused {
		d.Refused[r] -= before.Refused[r]
	}
	d.At, d.Processor = now.At-before.At, now.Processor-before.Processor
	return d
}
