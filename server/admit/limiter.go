package admit

import "math/rand/v2"

// Kind says which handshakes go first.
type Kind uint8

// The kinds, the first to go first. Returning clients (their token was admitted not long ago) go before new ones: a storm
// after a short network failure consists of them, and the node still has their users in its tables.
const (
	Due Kind = iota // refused before, with a reservation for now (see Reservations)
	Returning
	New
	kinds
)

// waitTicks is how long a handshake of each kind may wait. Clients whose reservations are in the same second may all
// come at its beginning, so these wait longer.
var waitTicks = [kinds]uint32{Due: maxDueTicks, Returning: MaxWaitTicks, New: MaxWaitTicks}

// Limiter admits handshakes of one reactor at its share of the node's rate. A handshake above the rate waits for a
// bounded time, and only as many wait as can be admitted by then. The others are refused with a Retry-After
// before any work is spent on them. H stands for a handshake. See docs/adr/0009-handshake-rate.md.
type Limiter[H any] struct {
	rate     int    // handshakes a second of all limiters; 0: no limit
	unit     int    // the cost of a handshake; a tick earns rate. It is the number of limiters times the ticks of a second
	perTick  int    // handshakes admitted in a tick, rounded up
	now      uint32 // this tick
	left     int    // handshakes that may still be admitted in it
	fraction int    // of the next handshake, earned by earlier ticks; below unit
	entered  [kinds]int
	waiting  [kinds][]queued[H] // their tokens are valid
	booked   int                // units promised to refused clients that will come back; a tick's earnings reduce it
}

type queued[H any] struct {
	handshake H
	since     uint32 // tick
}

// SetRate makes it one of several limiters that share a rate, in handshakes a second; 0 is no limit. Queued
// handshakes are admitted in the next ticks.
func (l *Limiter[H]) SetRate(rate, limiters int) {
	l.rate, l.unit, l.fraction, l.booked = rate, limiters*TicksPerSecond, 0, 0
	l.perTick = (rate + l.unit - 1) / l.unit
	l.left = l.perTick
}

// Enter takes a place for a handshake whose token is unchecked, and reports whether there was one.
func (l *Limiter[H]) Enter(kind Kind) bool {
	if l.rate > 0 && l.entered[kind] >= l.left+l.perTick*int(waitTicks[kind]-1) {
		return false
	}
	l.entered[kind]++ // also without a limit, because one may be set before it leaves
	return true
}

// Leave gives the place back.
func (l *Limiter[H]) Leave(kind Kind) { l.entered[kind]-- }

// Entered returns how many places are taken.
func (l *Limiter[H]) Entered() int { return l.entered[Due] + l.entered[Returning] + l.entered[New] }

// Admit reports whether a handshake with a valid token is admitted now. If not, it is queued, and Next returns it
// later.
func (l *Limiter[H]) Admit(handshake H, kind Kind) bool {
	if l.rate == 0 {
		return true
	}
	if l.left > 0 && l.first(kind) {
		l.left--
		return true
	}
	l.waiting[kind] = append(l.waiting[kind], queued[H]{handshake, l.now})
	return false
}

// first reports whether no handshake waits that has to be admitted before a new one of this kind.
func (l *Limiter[H]) first(kind Kind) bool {
	for _, queue := range l.waiting[:kind+1] {
		if len(queue) > 0 {
			return false
		}
	}
	return true
}

// Next returns a queued handshake that is now admitted, or that is late and must be refused.
func (l *Limiter[H]) Next() (handshake H, late, ok bool) {
	for kind := range l.waiting {
		queue := l.waiting[kind]
		if len(queue) == 0 {
			continue
		}
		late = l.now-queue[0].since > waitTicks[kind]
		limited := !late && l.rate > 0
		if limited && l.left == 0 {
			continue // the other kind may have late ones
		}
		if limited {
			l.left--
		}
		l.waiting[kind] = queue[1:]
		return queue[0].handshake, late, true
	}
	return handshake, false, false
}

// Waiting returns how many handshakes are queued.
func (l *Limiter[H]) Waiting() int {
	return len(l.waiting[Due]) + len(l.waiting[Returning]) + len(l.waiting[New])
}

// Advance begins a tick's share at the first call in that tick. An unused share is lost, except for a fraction of a
// handshake: a storm begins with a burst anyway.
func (l *Limiter[H]) Advance(now uint32) {
	passed := int(now - l.now)
	if passed == 0 {
		return
	}
	earned := min(l.fraction+passed*l.rate, l.unit-1+l.rate)
	l.now, l.left, l.fraction = now, earned/l.unit, earned%l.unit
	l.booked = max(0, l.booked-passed*l.rate)
}

// RetryAfter returns the seconds after which a refused client may come back: the time that the rate needs for all
// clients refused before it, plus up to a second at random. Clients without a valid token count, too, so the result is
// limited to retryAfterLongest plus that second.
func (l *Limiter[H]) RetryAfter(random *rand.Rand) int {
	if l.rate == 0 {
		return 1 + random.IntN(MaxRetryAfter)
	}
	perSecond := l.rate * TicksPerSecond
	seconds := 1 + l.booked/perSecond
	l.booked = min(l.booked+l.unit, retryAfterLongest*perSecond)
	return min(seconds, retryAfterLongest) + random.IntN(2)
}
