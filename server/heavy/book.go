package heavy

import "math"

// Book keeps the heaviest connections of one reactor. For a connection that has ended it keeps a record E of the end. It
// belongs to the reactor's goroutine.
type Book[S Session, E any] struct {
	Bars
	now      uint32         // the present slot
	heaps    [measures]heap // the highest amounts of the present slot; an amount that has risen since may be lower there
	entries  []entry        // by place
	sessions []S            // by place; the zero value: it has ended
	ends     []E            // by place
	free     []uint16
	lists    [measures]heap // scratch
}

// NewBook returns an empty book.
func NewBook[S Session, E any]() Book[S, E] {
	b := Book[S, E]{
		entries: make([]entry, places), sessions: make([]S, places), ends: make([]E, places),
		free: make([]uint16, places),
	}
	for i := range b.free {
		b.free[i] = uint16(places - 1 - i)
	}
	for what := range b.heaps {
		b.heaps[what], b.lists[what] = make(heap, 0, Listed), make(heap, 0, Listed)
	}
	return b
}

// Begin begins a slot. Its cost grows with the entries of the book.
func (b *Book[S, E]) Begin(slot uint32) {
	if slot == b.now {
		return
	}
	for place := range b.entries {
		if e := &b.entries[place]; e.used {
			e.close(b.now, b.amountsAt(uint16(place)), slot)
			switch {
			case e.idle():
				b.drop(uint16(place))
			case !e.ended:
				e.peak = b.sessions[place].Counters().Queued
			}
		}
	}
	for what := range b.heaps {
		b.heaps[what] = b.heaps[what][:0]
	}
	b.now, b.Bars = slot, Bars{slot: uint16(slot)}
}

// Sent looks at a connection after bytes were sent to it.
func (b *Book[S, E]) Sent(s S, bytes int) {
	m, c := s.Meter(), s.Counters()
	before := c
	before.Out -= uint64(bytes)
	b.begin(m, before)
	b.raise(s, m, Out, uint32(c.Out)-m.out)
	if c.Queued > 0 {
		b.raise(s, m, Queued, c.Queued)
		if m.place != 0 {
			e := &b.entries[m.place-1]
			e.peak = max(e.peak, c.Queued)
		}
	}
}

// Received looks at a connection after bytes have come from it.
func (b *Book[S, E]) Received(s S, bytes int) {
	m, c := s.Meter(), s.Counters()
	before := c
	before.In -= uint64(bytes)
	b.begin(m, before)
	b.raise(s, m, In, uint32(c.In)-m.in)
}

// Refuse counts messages that were refused.
func (b *Book[S, E]) Refuse(s S, messages int) {
	m := s.Meter()
	b.begin(m, s.Counters())
	m.Refused += uint32(messages)
	m.refused = uint16(min(int(m.refused)+messages, math.MaxUint16))
	b.raise(s, m, Refused, uint32(m.refused))
}

// raise enters a connection whose amount has risen into the heap of a measure, if the amount is high enough. The amount of a
// connection in the heap is read again only when another amount is compared with it.
func (b *Book[S, E]) raise(s S, m *Meter, what Measure, amount uint32) {
	if m.place != 0 && b.entries[m.place-1].listed[what] {
		return
	}
	h := &b.heaps[what]
	for h.full() {
		lowest := &(*h)[0]
		if uint64(amount) <= lowest.amount {
			return
		}
		now := uint64(b.amountsAt(lowest.place)[what])
		if now <= lowest.amount {
			break
		}
		lowest.amount = now
		h.sift()
		b.above[what] = uint32((*h)[0].amount)
	}
	if !b.enter(s, m) {
		return
	}
	place := m.place - 1
	b.entries[place].listed[what] = true
	if h.full() {
		b.entries[(*h)[0].place].listed[what] = false
		(*h)[0] = ranked{uint64(amount), place}
		h.sift()
	} else {
		h.add(ranked{uint64(amount), place})
	}
	if h.full() {
		b.above[what] = uint32((*h)[0].amount)
	}
}

// enter gives a connection a place, and reports whether it has one.
func (b *Book[S, E]) enter(s S, m *Meter) bool {
	if m.place != 0 {
		return true
	}
	if len(b.free) == 0 {
		b.makeRoom()
	}
	if len(b.free) == 0 {
		return false
	}
	place := b.free[len(b.free)-1]
	b.free = b.free[:len(b.free)-1]
	b.entries[place] = entry{since: b.now, used: true}
	b.sessions[place] = s
	m.place = place + 1
	return true
}

// End keeps the record of the end of a connection that is in the book.
func (b *Book[S, E]) End(s S, record E) {
	m := s.Meter()
	if m.place == 0 {
		return
	}
	place := m.place - 1
	e := &b.entries[place]
	e.last = b.amountsAt(place)
	e.ended = true
	var none S
	b.sessions[place], b.ends[place], m.place = none, record, 0
}

// drop empties a place.
func (b *Book[S, E]) drop(place uint16) {
	if e := &b.entries[place]; !e.ended {
		b.sessions[place].Meter().place = 0
	}
	var none S
	b.entries[place], b.sessions[place] = entry{}, none
	b.free = append(b.free, place)
}

// amountsAt returns the amounts in the present slot of the connection at a place.
func (b *Book[S, E]) amountsAt(place uint16) Amounts {
	e := &b.entries[place]
	if e.ended {
		return e.last
	}
	s := b.sessions[place]
	a := b.amounts(s.Meter(), s.Counters())
	a[Queued] = max(a[Queued], e.peak)
	return a
}
