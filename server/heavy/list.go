package heavy

import "slices"

// Row is a connection with its amounts in a window.
type Row[S Session, E any] struct {
	Session S // the zero value: it has ended
	End     E // then
	Ended   bool
	Amounts [measures]uint64
	Slots   int // that were measured before the present one
}

// Slots returns how many slots before the present one belong to a window.
func Slots(seconds int) int { return min(past, seconds/SlotSeconds) }

// Heaviest returns up to a limit of connections with the highest amounts in the last slots and the present one, the highest first.
func (b *Book[S, E]) Heaviest(what Measure, slots, limit int) []Row[S, E] {
	best := b.lists[what][:0]
	for place := range b.entries {
		if e := &b.entries[place]; e.used {
			best.offer(ranked{e.sum(b.now, slots, b.amountsAt(uint16(place)))[what], uint16(place)})
		}
	}
	slices.SortFunc(best, func(a, o ranked) int {
		if a.amount > o.amount || a.amount == o.amount && a.place < o.place {
			return -1
		}
		return 1
	})
	rows := make([]Row[S, E], min(limit, len(best)))
	for i := range rows {
		rows[i] = b.rowAt(best[i].place, slots)
	}
	return rows
}

// Row returns the row of a connection. One that is not in the book is measured in the present slot only.
func (b *Book[S, E]) Row(s S, slots int) (r Row[S, E]) {
	m := s.Meter()
	if m.place != 0 {
		return b.rowAt(m.place-1, slots)
	}
	r.Session = s
	for what, n := range b.amounts(m, s.Counters()) {
		r.Amounts[what] = uint64(n)
	}
	return r
}

func (b *Book[S, E]) rowAt(place uint16, slots int) (r Row[S, E]) {
	e := &b.entries[place]
	r.Session, r.Ended = b.sessions[place], e.ended
	if e.ended {
		r.End = b.ends[place]
	}
	r.Amounts = e.sum(b.now, slots, b.amountsAt(place))
	r.Slots = int(min(uint32(slots), b.now-e.since))
	return r
}

// makeRoom drops the connections of a full book that are in no list: neither in those of the windows, nor in the heaps of the
// present slot.
func (b *Book[S, E]) makeRoom() {
	var keep [places]bool
	for _, slots := range []int{Slots(10), past} {
		for what := range b.lists {
			b.lists[what] = b.lists[what][:0]
		}
		for place := range b.entries {
			for what, amount := range b.entries[place].sum(b.now, slots, b.amountsAt(uint16(place))) {
				b.lists[what].offer(ranked{amount, uint16(place)})
			}
		}
		for _, list := range b.lists {
			for _, r := range list {
				keep[r.place] = true
			}
		}
	}
	for place := range b.entries {
		if !keep[place] && b.entries[place].listed == [measures]bool{} {
			b.drop(uint16(place))
		}
	}
}

// Holds reports whether the meter of a connection and the book agree on whether it is in the book.
func (b *Book[S, E]) Holds(s S) bool {
	m := s.Meter()
	return m.place == 0 || int(m.place) <= places && b.sessions[m.place-1] == s
}

// Live returns how many connections in the book have not ended.
func (b *Book[S, E]) Live() (n int) {
	for i := range b.entries {
		if e := &b.entries[i]; e.used && !e.ended {
			n++
		}
	}
	return n
}
