package heavy

// Amounts are those of a connection in one slot, by measure.
type Amounts [measures]uint32

// entry is a connection in the book. It holds no pointer, so that the garbage collector does not look at entries.
type entry struct {
	slots  [past]Amounts  // of slot n at n % past
	last   Amounts        // in the present slot, of a connection that has ended
	peak   uint32         // of the queue in the present slot
	since  uint32         // the slot in which it came into the book
	listed [measures]bool // it is in the heap of the present slot
	used   bool
	ended  bool
}

// close ends a slot with its amounts, and begins another one, which need not be the next.
func (e *entry) close(slot uint32, a Amounts, next uint32) {
	e.slots[slot%past] = a
	for skipped := max(slot+1, next-min(next, past)); skipped < next; skipped++ {
		e.slots[skipped%past] = Amounts{}
	}
	e.last, e.peak, e.listed = Amounts{}, 0, [measures]bool{}
}

// idle reports whether it has no amount in any slot before the present one.
func (e *entry) idle() bool { return e.slots == [past]Amounts{} }

// sum adds up the last slots before the present one, and the amounts in that.
func (e *entry) sum(present uint32, slots int, now Amounts) (all [measures]uint64) {
	for what, n := range now {
		all[what] = uint64(n)
	}
	for n := present - min(present, uint32(slots)); n < present; n++ {
		a := &e.slots[n%past]
		all[In] += uint64(a[In])
		all[Out] += uint64(a[Out])
		all[Refused] += uint64(a[Refused])
		all[Queued] = max(all[Queued], uint64(a[Queued]))
	}
	return all
}
