package history

import (
	"time"
	"unsafe"

	"github.com/google/uuid"
)

// Limits bounds the messages that each channel of a store keeps. Zero Messages, Bytes or Age keep nothing.
type Limits struct {
	Messages int
	Bytes    int // of the frames and some 8 bytes each, or 24 with a sender
	Age      time.Duration
}

// Store holds the channels under one lock, with one budget. Times are elapsed times since any moment that is the same
// for all calls, such as the start of the node, so that no change of the host's date affects them.
type Store struct {
	limits   Limits
	room     int    // bytes that all channels together may keep
	held     int    // bytes that they do keep
	channels int    // that have kept a message since Open
	changes  uint64 // how often the next fields, or those above, may have changed
	used     *kept  // the channel used last, with links to the others
	idle     *kept  // the channel not used for longest
	floor    uint64 // higher than the numbers of all channels that were forgotten
}

// NewStore makes a store whose channels keep up to room bytes together.
func NewStore(l Limits, room int) Store {
	if l.Messages <= 0 || l.Bytes <= 0 || l.Age <= 0 {
		l = Limits{}
	}
	return Store{limits: l, room: max(room, l.Bytes)}
}

// Keeps reports whether the limits let a channel keep messages at all.
func (s *Store) Keeps() bool { return s.limits.Messages > 0 }

// Bytes returns the memory that the kept messages take.
func (s *Store) Bytes() int { return s.held }

// Room returns the bytes that the store may keep.
func (s *Store) Room() int { return s.room }

// Open begins a channel. Its numbers begin above those of all channels that the store has forgotten, because the same
// channel may be among these, and no number may be used twice.
func (s *Store) Open() Channel { return Channel{seq: s.floor} }

// Forget gives up a channel and its messages.
func (s *Store) Forget(c *Channel) {
	s.changes++
	s.floor = max(s.floor, c.seq+1)
	if c.kept != nil {
		s.empty(c.kept)
		s.unlink(c.kept)
		s.held -= int(unsafe.Sizeof(kept{}))
		s.channels--
		c.kept = nil
	}
}

// Next returns the number for the channel's next message. Keep must follow under the same hold of the lock, unless the message
// is dropped: a client that comes back is then told that something is missing.
func (s *Store) Next(c *Channel) uint64 {
	c.seq++
	return c.seq
}

// Number sets the number of the channel's next message, instead of Next. If numbers are missing in between, the kept
// messages are dropped and the channel begins with this number.
func (s *Store) Number(c *Channel, seq uint64) {
	if seq != c.seq+1 {
		s.Reset(c, seq-1, true)
	}
	c.seq = seq
}

// Reset drops all messages of a channel, and continues its numbers after seq. bounded says whether earlier messages were
// dropped because of a limit, not because of their age.
func (s *Store) Reset(c *Channel, seq uint64, bounded bool) {
	s.changes++
	c.seq = seq
	if c.kept != nil {
		s.empty(c.kept)
		s.unlink(c.kept)
		c.kept.full = bounded
	}
}

// Keep keeps the frame of the message that was numbered last, and reports whether it is kept: not if it alone exceeds the
// limit. from is the sender, which does not get its own message back; zero: nobody.
func (s *Store) Keep(c *Channel, frame []byte, from uuid.UUID, now time.Duration) bool {
	if s.limits.Messages == 0 {
		return false
	}
	s.changes++
	if c.kept == nil {
		c.kept = new(kept)
		s.held += int(unsafe.Sizeof(kept{}))
		s.channels++
	}
	k, second := c.kept, seconds(now)
	s.expire(k, second)
	size := int(recordSize(frame, from))
	for k.ring.count > 0 && (int(k.ring.count) >= s.limits.Messages || int(k.ring.used)+size > s.limits.Bytes) {
		k.ring.drop()
		k.full = true
	}
	s.touch(k)
	k.newest = second
	if size > s.limits.Bytes {
		k.full = true
		return false
	}
	before := len(k.ring.buf)
	k.ring.add(frame, from, second)
	s.held += len(k.ring.buf) - before
	for s.held-s.channels*int(unsafe.Sizeof(kept{})) > s.room && s.idle != k { // what a channel costs without messages is its owner's to bound
		s.empty(s.idle)
		s.idle.full = true
		s.unlink(s.idle)
	}
	return true
}

// Loss is why a channel no longer has all messages after a number.
type Loss uint8

// The kinds of loss.
const (
	LostNothing Loss = iota
	LostToAge        // a message is older than the limit, or the channel was forgotten
	LostToBound      // there have been more messages, or bytes, than are kept
	NeverKnown       // the number is higher than any that was given
)

// Since drops messages that are too old, and reports why messages after a number are missing. If the result is
// LostNothing, After yields all of them.
func (s *Store) Since(c *Channel, seq uint64, now time.Duration) Loss {
	if c.kept != nil {
		s.expire(c.kept, seconds(now))
	}
	switch {
	case seq > c.seq:
		return NeverKnown
	case seq+1 >= c.Oldest():
		return LostNothing
	case c.kept != nil && c.kept.full:
		return LostToBound
	}
	return LostToAge
}

// Expire frees the messages of up to limit channels that have had no message for longer than the age, and reports whether
// there are more.
func (s *Store) Expire(now time.Duration, limit int) (more bool) {
	for s.idle != nil && s.old(s.idle.newest, seconds(now)) {
		if limit--; limit < 0 {
			return true
		}
		s.changes++
		s.empty(s.idle)
		s.idle.full = false
		s.unlink(s.idle)
	}
	return false
}

// expire drops the messages of one channel that are too old.
func (s *Store) expire(k *kept, now uint32) {
	for k.ring.count > 0 && s.old(k.ring.first().second(), now) {
		k.ring.drop()
		k.full = false
	}
}

// old reports whether a message is too old. Reactors read the clock at moments of their own, so it may seem to come from the
// future.
func (s *Store) old(second, now uint32) bool { return int32(now-second) > int32(seconds(s.limits.Age)) }

// empty frees a channel's messages.
func (s *Store) empty(k *kept) {
	s.held -= len(k.ring.buf)
	k.ring = ring{}
}

// touch makes a channel the one used last.
func (s *Store) touch(k *kept) {
	if s.used == k {
		return
	}
	s.unlink(k)
	k.next = s.used
	if s.used != nil {
		s.used.prev = k
	} else {
		s.idle = k
	}
	s.used = k
}

// unlink takes a channel from the list, if it is there.
func (s *Store) unlink(k *kept) {
	if s.used != k && k.prev == nil {
		return // not in the list
	}
	if k.prev != nil {
		k.prev.next = k.next
	} else {
		s.used = k.next
	}
	if k.next != nil {
		k.next.prev = k.prev
	} else {
		s.idle = k.prev
	}
	k.prev, k.next = nil, nil
}

func seconds(d time.Duration) uint32 { return uint32(d / time.Second) }
