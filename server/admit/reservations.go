package admit

import "sync/atomic"

// Reservations keeps the times at which refused clients were told to come back. A client that comes back at its reserved time
// goes before all others, so that it is not refused again. A reservation belongs to a token, and is used once. It is kept in a
// table of fixed size: while a place is full, reservations that belong there are not kept. Any goroutine may use it. A nil
// Reservations keeps nothing.
//
// A reservation is a uint64: from the highest bit on, 39 bits of the token's Sum, one bit that says that it is paid, and the tick at
// which it is due, modulo 2^24 (19 days).
type Reservations struct{ table []atomic.Uint64 }

const (
	dueBits  = 24
	dueMask  = 1<<dueBits - 1
	paidBit  = 1 << dueBits
	tagShift = dueBits + 1
)

// farthest is how many ticks ahead a reservation may be due. One that seems to be due later has been in the table for days.
const farthest = (retryAfterLongest + 2) * TicksPerSecond

// NewReservations makes room for about so many of them, at most MaxRecent.
func NewReservations(n int) *Reservations {
	size := reservedWays
	for size < min(n, MaxRecent) {
		size *= 2
	}
	return &Reservations{make([]atomic.Uint64, size)}
}

// places are where a token's reservation may be kept.
func (r *Reservations) places(sum uint64) []atomic.Uint64 {
	first := int(sum) & (len(r.table) - 1) &^ (reservedWays - 1)
	return r.table[first : first+reservedWays]
}

// Keep keeps a reservation for the token with that Sum, from the tick due on, unless it has one that is not yet due: another client with
// the token was told that time. Paid is whether a limiter has admitted it already; otherwise its handshake asks one.
func (r *Reservations) Keep(sum uint64, now, due uint32, paid bool) {
	if r == nil || sum == 0 {
		return
	}
	reservation := sum>>tagShift<<tagShift | uint64(due&dueMask)
	if paid {
		reservation |= paidBit
	}
	places := r.places(sum)
	for i := range places {
		old := places[i].Load()
		if old>>tagShift != sum>>tagShift {
			continue
		}
		if promised(old, now) || places[i].CompareAndSwap(old, reservation) {
			return
		}
	}
	for i := range places {
		if old := places[i].Load(); !alive(old, now) && places[i].CompareAndSwap(old, reservation) {
			return
		}
	}
}

// Use takes the token's reservation out of the table, if it is due now. Since is the tick from which on it is due.
func (r *Reservations) Use(sum uint64, now uint32) (since uint32, paid, due bool) {
	place, reservation := r.find(sum, now)
	if place == nil || promised(reservation, now) || !place.CompareAndSwap(reservation, 0) {
		return 0, false, false
	}
	return now + uint32(ahead(reservation, now)), reservation&paidBit != 0, true
}

// Ahead returns in how many ticks the token's reservation will be due, and whether there is one that is not yet due.
func (r *Reservations) Ahead(sum uint64, now uint32) (ticks int, found bool) {
	place, reservation := r.find(sum, now)
	if place == nil || !promised(reservation, now) {
		return 0, false
	}
	return ahead(reservation, now), true
}

// find returns the token's reservation and its place, or nil.
func (r *Reservations) find(sum uint64, now uint32) (place *atomic.Uint64, reservation uint64) {
	if r == nil || sum == 0 {
		return nil, 0
	}
	places := r.places(sum)
	for i := range places {
		if found := places[i].Load(); found>>tagShift == sum>>tagShift && alive(found, now) {
			return &places[i], found
		}
	}
	return nil, 0
}

// ahead returns in how many ticks a reservation is due, below 0 if it has been due for longer.
func ahead(reservation uint64, now uint32) int {
	const unused = 32 - dueBits
	return int(int32((uint32(reservation)-now)<<unused) >> unused)
}

// alive reports whether a reservation may still be used, now or later.
func alive(reservation uint64, now uint32) bool {
	ticks := ahead(reservation, now)
	return reservation != 0 && ticks >= -reservedTicks && ticks <= farthest
}

// promised reports whether a reservation may be used later, and not yet.
func promised(reservation uint64, now uint32) bool {
	return alive(reservation, now) && ahead(reservation, now) > earlyTicks
}
