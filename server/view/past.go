package view

import (
	"time"

	"momentum/server/reason"
	"momentum/server/storm"
)

// row is a second of the history. A quantile, or the processor time, that is not known is unknown.
type row struct {
	at         time.Duration
	live       uint32
	missing    uint32
	admitted   float32 // a second
	arrivals   float32 // a second
	deliveries float32 // a second
	closes     float32 // a second
	p50, p99   float32 // of handshakes, ms
	lag        float32 // p99 of the reactor that has the highest, ms
	cores      float32
	state      storm.State
	refused    [reason.ClosedByPeer]float32 // a second; the refusals are the first reasons
}

const unknown = -1

// past is the last fifteen minutes.
type past struct {
	rows [pastSteps]row
	next int
	full bool
}

// add keeps a row.
func (p *past) add(r row) {
	p.rows[p.next] = r
	p.next = (p.next + 1) % len(p.rows)
	p.full = p.full || p.next == 0
}

// each calls use for each row, the oldest first.
func (p *past) each(use func(*row)) {
	if p.full {
		for i := p.next; i < len(p.rows); i++ {
			use(&p.rows[i])
		}
	}
	for i := range p.next {
		use(&p.rows[i])
	}
}

// History is the last fifteen minutes in columns of equal length, as GET /ws/stream sends them first.
type History struct {
	Started    time.Time            `json:"started"` // of the node; seconds count from there
	Seconds    []float64            `json:"seconds"`
	Live       []uint32             `json:"connections"`
	Arrivals   []float64            `json:"arrivals_per_second"`
	Admitted   []float64            `json:"admissions_per_second"`
	Refused    map[string][]float64 `json:"refusals_per_second"` // by reason, those that there were
	Missing    []uint32             `json:"missing_clients"`
	Deliveries []float64            `json:"deliveries_per_second"`
	Closes     []float64            `json:"closes_per_second"`
	P50        []*float64           `json:"handshake_p50_ms"`
	P99        []*float64           `json:"handshake_p99_ms"`
	Lag        []*float64           `json:"lag_p99_ms"` // of the reactor that has the highest
	Processor  []*float64           `json:"cpu_cores"`
	States     []Change             `json:"states"` // the first, and each change
}

// Change says in which state handshakes were from a time on.
type Change struct {
	Seconds float64     `json:"seconds"`
	State   storm.State `json:"state"`
}

// history returns the rows as columns.
func (p *past) history(started time.Time) *History {
	h := emptyHistory(p.count())
	h.Started = started
	var refused [reason.ClosedByPeer]bool
	p.each(func(r *row) {
		h.add(r)
		for why, n := range r.refused {
			refused[why] = refused[why] || n > 0
		}
	})
	for why, there := range refused {
		if there {
			column := make([]float64, 0, len(h.Seconds))
			p.each(func(r *row) { column = append(column, round(float64(r.refused[why]))) })
			h.Refused[reason.Reason(why).String()] = column
		}
	}
	return h
}

// count returns how many rows there are.
func (p *past) count() int {
	if p.full {
		return len(p.rows)
	}
	return p.next
}

// emptyHistory has room for a number of rows.
func emptyHistory(rows int) *History {
	numbers := func() []float64 { return make([]float64, 0, rows) }
	known := func() []*float64 { return make([]*float64, 0, rows) }
	return &History{
		Seconds: numbers(), Live: make([]uint32, 0, rows), Arrivals: numbers(), Admitted: numbers(), Refused: map[string][]float64{},
		Missing: make([]uint32, 0, rows), Deliveries: numbers(), Closes: numbers(), P50: known(), P99: known(), Lag: known(), Processor: known(),
		States: []Change{},
	}
}

// add appends a row to all columns but the refusals.
func (h *History) add(r *row) {
	at := secondsOf(r.at)
	if n := len(h.States); n == 0 || h.States[n-1].State != r.state {
		h.States = append(h.States, Change{at, r.state})
	}
	h.Seconds = append(h.Seconds, at)
	h.Live = append(h.Live, r.live)
	h.Missing = append(h.Missing, r.missing)
	h.Arrivals = append(h.Arrivals, round(float64(r.arrivals)))
	h.Admitted = append(h.Admitted, round(float64(r.admitted)))
	h.Deliveries = append(h.Deliveries, round(float64(r.deliveries)))
	h.Closes = append(h.Closes, round(float64(r.closes)))
	h.P50 = append(h.P50, known(r.p50))
	h.P99 = append(h.P99, known(r.p99))
	h.Lag = append(h.Lag, known(r.lag))
	h.Processor = append(h.Processor, known(r.cores))
}

// known returns a value, or nil if it is unknown.
func known(x float32) *float64 {
	if x == unknown {
		return nil
	}
	value := round(float64(x))
	return &value
}

// kept returns a value as a row keeps it.
func kept(x *float64) float32 {
	if x == nil {
		return unknown
	}
	return float32(*x)
}
