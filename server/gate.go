package server

import (
	"hash/maphash"
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// gate lets handshakes in at the rate the operator has set: a reactor's share of the node's. What comes above it
// waits for at most maxGateWait, and only as many as can be let in by then; the others are told when to come back
// before anything is spent on them. Those who were here lately go first: they are what a storm after a blip is
// made of, and the rest of the node still knows them.
type gate struct {
	rate    int    // handshakes let in a second by all gates; 0: no limit
	whole   int    // what a handshake takes of what the rate brings each tick: the gates' ticks in a second
	perTick int    // handshakes let in a tick, rounded up
	now     uint32 // this tick
	left    int    // of those, in this tick
	part    int    // of the next handshake, what former ticks have brought; below whole
	entered [2]int
	waiting [2][]*handshake // their tokens are good
	booked  int             // told to come back, and to be expected, in wholes: what a tick brings is taken off
}

// The two kinds of those who come.
const (
	comesBack = iota
	comesAnew
)

// set makes it one of so many gates that share a rate, in handshakes a second. Those who wait already go on with
// the next ticks.
func (g *gate) set(rate, gates int) {
	g.rate, g.whole, g.part, g.booked = rate, gates*ticksPerSecond, 0, 0
	g.perTick = (rate + g.whole - 1) / g.whole
	g.left = g.perTick
}

// enter takes a place for a handshake whose token is yet to be checked, if there is one.
func (g *gate) enter(kind int) bool {
	if g.rate > 0 && g.entered[kind] >= g.left+g.perTick {
		return false
	}
	g.entered[kind]++ // also without a limit: there may be one by the time it leaves
	return true
}

// leave gives the place back.
func (g *gate) leave(kind int) { g.entered[kind]-- }

// pass says whether the handshake may go on now. If not, it waits.
func (g *gate) pass(h *handshake) bool {
	if g.rate == 0 {
		return true
	}
	if g.left > 0 && len(g.waiting[comesBack]) == 0 && (h.kind == comesBack || len(g.waiting[comesAnew]) == 0) {
		g.left--
		return true
	}
	g.waiting[h.kind] = append(g.waiting[h.kind], h)
	return false
}

// next returns the one that goes on next, or is too late by now, or nil.
func (g *gate) next(now time.Time) (h *handshake, late bool) {
	for kind := range g.waiting {
		queue := g.waiting[kind]
		if len(queue) == 0 {
			continue
		}
		late = now.Sub(queue[0].offered) > maxGateWait
		limited := !late && g.rate > 0
		if limited && g.left == 0 {
			continue // the other kind may have some that are too late
		}
		if limited {
			g.left--
		}
		g.waiting[kind] = queue[1:]
		return queue[0], late
	}
	return nil, false
}

// waits says whether somebody waits for the next tick.
func (g *gate) waits() bool { return len(g.waiting[comesBack])+len(g.waiting[comesAnew]) > 0 }

// advance begins a tick's share when the first call of that tick comes. What was not used is lost, but for the part of a
// handshake: a storm begins with a burst anyway.
func (g *gate) advance(now uint32) {
	passed := int(now - g.now)
	if passed == 0 {
		return
	}
	brought := min(g.part+passed*g.rate, g.whole-1+g.rate)
	g.now, g.left, g.part = now, brought/g.whole, brought%g.whole
	g.booked = max(0, g.booked-passed*g.rate)
}

// comeBack gives one who is not let in a time to come back at, in seconds: behind all those that were told
// before, and spread over a second more, so that they do not come as one. Those who come without a token are told so,
// too, and however many they were, a minute behind the last of them nobody else waits for their turns.
func (g *gate) comeBack(random *rand.Rand) int {
	if g.rate == 0 {
		return 1 + random.IntN(retryAfterMost)
	}
	perSecond := g.rate * ticksPerSecond
	seconds := 1 + g.booked/perSecond
	g.booked = min(g.booked+g.whole, retryAfterLongest*perSecond)
	return min(seconds, retryAfterLongest) + random.IntN(2)
}

// recent remembers tokens that were let in, as hashes in a table of fixed size; a newer one may take an older
// one's place. Nobody can make others believe that they were here: the hash is keyed, and taken of tokens only
// that have been found good. Any reactor may ask it.
type recent struct {
	seed  maphash.Seed
	table []atomic.Uint64
}

// newRecent makes room for about so many.
func newRecent(tokens int) *recent {
	size := 1
	for size < tokens {
		size *= 2
	}
	return &recent{maphash.MakeSeed(), make([]atomic.Uint64, size)}
}

func (r *recent) place(token []byte) (*atomic.Uint64, uint64) {
	sum := maphash.Bytes(r.seed, token)
	return &r.table[sum&uint64(len(r.table)-1)], sum
}

// add remembers a token, unless there is no gate to remember it for.
func (r *recent) add(token []byte) {
	if r == nil {
		return
	}
	at, sum := r.place(token)
	at.Store(sum)
}

// kind says whether the token was let in lately.
func (r *recent) kind(token []byte) int {
	if r == nil {
		return comesAnew
	}
	if at, sum := r.place(token); at.Load() == sum {
		return comesBack
	}
	return comesAnew
}
