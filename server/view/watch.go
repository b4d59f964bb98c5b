package view

import (
	"math"
	"time"

	"momentum/server/host"
	"momentum/server/reason"
)

// Watch follows the readings of a node, one each Step. It belongs to one goroutine.
type Watch struct {
	last      Reading
	seen      bool
	live      host.Level
	sockets   host.Level
	handshake window
	reactors  []reactorWatch
	minute    minute
	past      past
	view      View
}

// Next takes a reading, a Step after the one before, computes the view and keeps a row of it.
func (w *Watch) Next(r Reading) {
	v := &w.view
	took := (r.At - w.last.At).Seconds()
	if !w.seen || took <= 0 {
		w.last.Totals, w.last.Ended, w.last.Refused, w.last.Processor = r.Totals, r.Ended, r.Refused, r.Processor
		took = 1
	}
	ended := difference(&r.Ended, &w.last.Ended)
	w.minute.add(&ended)
	*v = View{
		At: r.Time, Seconds: secondsOf(r.At), Node: r.Node, Users: r.Users, Storm: r.Storm, Rate: r.Rate,
		Connections: raised(&w.live, r.Live, r.Max), Sockets: raised(&w.sockets, r.Sockets, r.MaxSockets),
		Closes: w.minute.closes(), Host: r.Host, Drain: r.Drain, Bus: r.Bus,
		Rates: w.rates(&r.Totals, sum(&ended), took),
	}
	counts := w.handshake.add(&r.Handshake)
	v.Handshake = Quantiles{quantile(r.Handshake.Bounds, counts, 0.5), quantile(r.Handshake.Bounds, counts, 0.99)}
	if r.Processor > 0 && w.seen {
		cores := round((r.Processor - w.last.Processor).Seconds() / took)
		v.Processor = &cores
	}
	v.Reactors = w.eachReactor(&r)
	w.keep(&r, took)
	w.last, w.seen = r, true
}

// rates returns the events of a step that took some seconds.
func (w *Watch) rates(now *Totals, closes uint64, took float64) Rates {
	before := &w.last.Totals
	step := func(now, before uint64) float64 { return round(float64(now-before) / took) }
	return Rates{
		Deliveries: step(now.Deliveries, before.Deliveries), Messages: step(now.Messages, before.Messages),
		BytesIn: step(now.BytesIn, before.BytesIn), BytesOut: step(now.BytesOut, before.BytesOut),
		Closes: step(closes, 0), Limited: step(now.Limited, before.Limited), Overloaded: step(now.Overloaded, before.Overloaded),
	}
}

// View returns the view of the last reading.
func (w *Watch) View() View { return w.view }

// History returns the last fifteen minutes.
func (w *Watch) History() *History { return w.past.history(w.last.Node.Started) }

// eachReactor returns the rows of the reactors.
func (w *Watch) eachReactor(r *Reading) []Reactor {
	if w.reactors == nil {
		w.reactors = make([]reactorWatch, len(r.Reactors))
	}
	rows := make([]Reactor, len(r.Reactors))
	for i := range r.Reactors {
		rows[i] = w.reactors[i].next(&r.Reactors[i])
	}
	return rows
}

// keep adds a row to the history.
func (w *Watch) keep(r *Reading, took float64) {
	v := &w.view
	kept := row{
		at: r.At, live: uint32(r.Live), missing: uint32(r.Storm.Missing), arrivals: float32(r.Storm.Arrivals), state: r.Storm.State,
		admitted:   float32(float64(r.Totals.Admitted-w.last.Totals.Admitted) / took),
		deliveries: float32(v.Rates.Deliveries), closes: float32(v.Rates.Closes),
		p50: kept(v.Handshake.P50), p99: kept(v.Handshake.P99), cores: kept(v.Processor), lag: unknown,
	}
	refused := difference(&r.Refused, &w.last.Refused)
	for why := range kept.refused {
		kept.refused[why] = float32(float64(refused[why]) / took)
	}
	for i := range v.Reactors {
		if lag := v.Reactors[i].Lag; lag != nil {
			kept.lag = max(kept.lag, float32(*lag))
		}
	}
	w.past.add(kept)
}

// raised gives a level its new value, and returns it.
func raised(l *host.Level, now, limit int) host.Level {
	*l = host.Level{Now: int64(now), Highest: max(l.Highest, int64(now)), Limit: int64(limit)}
	return *l
}

func difference(now, before *[reason.Count]uint64) (step [reason.Count]uint64) {
	for r := range step {
		step[r] = now[r] - before[r]
	}
	return step
}

func sum(counts *[reason.Count]uint64) (total uint64) {
	for _, n := range counts {
		total += n
	}
	return total
}

// secondsOf returns a time in seconds, to a hundredth.
func secondsOf(d time.Duration) float64 { return math.Round(100*d.Seconds()) / 100 }
