package admit

import "math/rand/v2"

// Kind says whether a handshake's token was admitted lately.
type Kind uint8

// The kinds. Clients that were here lately go first: they are what a storm after a blip is made of, and the rest of the
// node still knows them.
const (
	Returning Kind = iota
	New
	kinds
)

// Limiter admits handshakes of one reactor at its share of the node's rate. A handshake above it waits for at most
// MaxWaitTicks, and only as many wait as can be admitted by then; the others are told when to come back before anything
// is spent on them. H stands for a handshake. See docs/adr/0009-handshake-rate.md.
type Limiter[H any] struct {
	rate     int    // handshakes a second of all limiters; 0: no limit
	unit     int    // what a handshake costs, where a tick earns rate: the number of limiters times the ticks of a second
	perTick  int    // handshakes admitted in a tick, rounded up
	now      uint32 // this tick
	left     int    // handshakes that may still be admitted in it
	fraction int    // of the next handshake, earned by earlier ticks; below unit
	entered  [kinds]int
	waiting  [kinds][]queued[H] // their tokens are valid
	booked   int                // told to come back, and to be expected, in units; what a tick earns is taken off
}

type queued[H any] struct {
	handshake H
	since     uint32 // tick
}

// SetRate makes it one of several limiters that share a rate, in handshakes a second; 0 is no limit. Handshakes that wait
// already go on with the next ticks.
func (l *Limiter[H]) SetRate(rate, limiters int) {
	l.rate, l.unit, l.fraction, l.booked = rate, limiters*TicksPerSecond, 0, 0
	l.perTick = (rate + l.unit - 1) / l.unit
	l.left = l.perTick
}

// Enter takes a place for a handshake whose token is yet to be checked, if there is one.
func (l *Limiter[H]) Enter(kind Kind) bool {
	if l.rate > 0 && l.entered[kind] >= l.left+l.perTick {
		return false
	}
	l.entered[kind]++ // also without a limit: there may be one by the time it leaves
	return true
}

// Leave gives the place back.
func (l *Limiter[H]) Leave(kind Kind) { l.entered[kind]-- }

// Entered returns how many places are taken.
func (l *Limiter[H]) Entered() int { return l.entered[Returning] + l.entered[New] }

// Admit says whether a handshake with a valid token may go on now. If not, it is queued, and Next returns it later.
func (l *Limiter[H]) Admit(handshake H, kind Kind) bool {
	if l.rate == 0 {
		return true
	}
	if l.left > 0 && len(l.waiting[Returning]) == 0 && (kind == Returning || len(l.waiting[New]) == 0) {
		l.left--
		return true
	}
	l.waiting[kind] = append(l.waiting[kind], queued[H]{handshake, l.now})
	return false
}

// Next returns a queued handshake that goes on now, or that is late by now and is to be refused.
func (l *Limiter[H]) Next() (handshake H, late, ok bool) {
	for kind := range l.waiting {
		queue := l.waiting[kind]
		if len(queue) == 0 {
			continue
		}
		late = l.now-queue[0].since > MaxWaitTicks
		limited := !late && l.rate > 0
		if limited && l.left == 0 {
			continue // the other kind may have some that are late
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
func (l *Limiter[H]) Waiting() int { return len(l.waiting[Returning]) + len(l.waiting[New]) }

// Advance begins a tick's share when the first call of that tick comes. What was not used is lost, but for the fraction of
// a handshake: a storm begins with a burst anyway.
func (l *Limiter[H]) Advance(now uint32) {
	passed := int(now - l.now)
	if passed == 0 {
		return
	}
	earned := min(l.fraction+passed*l.rate, l.unit-1+l.rate)
	l.now, l.left, l.fraction = now, earned/l.unit, earned%l.unit
	l.booked = max(0, l.booked-passed*l.rate)
}

// RetryAfter returns the seconds after which a refused client may come back: after all those that were told before, and
// spread over a second more, so that they do not come as one. Clients without a valid token are told so too; but however
// many they were, nobody waits for their turns longer than retryAfterLongest after the last of them.
func (l *Limiter[H]) RetryAfter(random *rand.Rand) int {
	if l.rate == 0 {
		return 1 + random.IntN(RetryAfterMost)
	}
	perSecond := l.rate * TicksPerSecond
	seconds := 1 + l.booked/perSecond
	l.booked = min(l.booked+l.unit, retryAfterLongest*perSecond)
	return min(seconds, retryAfterLongest) + random.IntN(2)
}
