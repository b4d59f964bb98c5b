package netpoll

import "sync/atomic"

// A timing wheel of one level (Varghese and Lauck, SOSP 1987): a deadline's bucket is its tick modulo the number of buckets.
// A deadline beyond the horizon of 51 s waits in the furthest bucket and is put back when that is emptied, which happens once
// or twice for the deadlines of an idle connection. Arming, moving and disarming are O(1). The links are in the connections,
// so a connection needs no timer object.

const (
	wheelBuckets = 512
	dueBucket    = wheelBuckets // the list of deadlines that have passed
	noSlot       = 0            // links hold slot+1
)

type wheel struct {
	slab   *slab
	heads  [wheelBuckets + 1]uint32 // slot+1 of the first connection in each bucket
	now    uint32                   // the tick up to which buckets have been emptied
	wakeAt atomic.Uint32            // the reactor need not turn before this tick; any goroutine may read it
}

// never is longer than any node sleeps: three years.
const never = 1 << 30

// arm sets c's one deadline to the given tick. It replaces any earlier one. A tick that has passed is due now.
func (w *wheel) arm(c *Conn, tick uint32) {
	w.disarm(c)
	c.deadline = tick
	w.link(c, w.bucketOf(tick))
	w.wakeBy(tick)
}

// wakeBy makes sure that the reactor turns when the clock reaches the tick.
func (w *wheel) wakeBy(tick uint32) {
	if int32(tick-w.wakeAt.Load()) < 0 {
		w.wakeAt.Store(tick)
	}
}

// nextDeadline returns the tick of the first bucket that holds a deadline, or one far ahead if there is none.
func (w *wheel) nextDeadline() uint32 {
	if w.heads[dueBucket] != noSlot {
		return w.now
	}
	for ahead := uint32(1); ahead < wheelBuckets; ahead++ {
		if w.heads[(w.now+ahead)%wheelBuckets] != noSlot {
			return w.now + ahead
		}
	}
	return w.now + never
}

func (w *wheel) bucketOf(tick uint32) uint16 {
	ahead := int32(tick - w.now)
	switch {
	case ahead <= 0:
		return dueBucket
	case ahead >= wheelBuckets:
		return uint16((w.now + wheelBuckets - 1) % wheelBuckets)
	}
	return uint16(tick % wheelBuckets)
}

// disarm removes c's deadline, if it has one.
func (w *wheel) disarm(c *Conn) {
	if !c.armed {
		return
	}
	if c.prev == noSlot {
		w.heads[c.bucket] = c.next
	} else {
		w.slab.at(c.prev - 1).next = c.next
	}
	if c.next != noSlot {
		w.slab.at(c.next - 1).prev = c.prev
	}
	c.next, c.prev, c.armed = noSlot, noSlot, false
}

func (w *wheel) link(c *Conn, bucket uint16) {
	head := w.heads[bucket]
	c.bucket, c.next, c.prev, c.armed = bucket, head, noSlot, true
	if head != noSlot {
		w.slab.at(head - 1).prev = c.slot + 1
	}
	w.heads[bucket] = c.slot + 1
}

// advance moves the wheel to the given tick. Deadlines that have passed wait for pop. After a jump of more than a revolution
// every bucket is emptied once.
func (w *wheel) advance(to uint32) {
	steps := to - w.now
	if int32(steps) <= 0 {
		return
	}
	first := w.now + 1
	w.now = to
	for i := uint32(0); i < min(steps, wheelBuckets); i++ {
		w.empty(uint16((first + i) % wheelBuckets))
	}
}

// empty sorts the deadlines of one bucket again: into the list of those that have passed, or back onto the wheel.
func (w *wheel) empty(bucket uint16) {
	next := w.heads[bucket]
	w.heads[bucket] = noSlot
	for next != noSlot {
		c := w.slab.at(next - 1)
		next = c.next
		w.link(c, w.bucketOf(c.deadline))
	}
}

// pop disarms and returns a connection whose deadline has passed, or nil.
func (w *wheel) pop() *Conn {
	if w.heads[dueBucket] == noSlot {
		return nil
	}
	c := w.slab.at(w.heads[dueBucket] - 1)
	w.disarm(c)
	return c
}
