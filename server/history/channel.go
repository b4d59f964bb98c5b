package history

import "github.com/google/uuid"

// Channel numbers messages from 1 on and keeps the last ones without a gap. The zero value is a channel without
// messages; Store.Open begins one.
type Channel struct {
	seq  uint64 // number of the last message
	kept *kept  // nil if no message was kept since Open
}

// Seq returns the number of the last message.
func (c *Channel) Seq() uint64 { return c.seq }

// Oldest returns the number of the oldest message that is kept; Seq()+1 if none is.
func (c *Channel) Oldest() uint64 {
	if c.kept == nil {
		return c.seq + 1
	}
	return c.seq + 1 - uint64(c.kept.ring.count)
}

// Message is a message as it is kept. Its bytes belong to the channel: they are valid as long as the lock is held.
type Message struct {
	Seq   uint64
	From  uuid.UUID // the user that must not get it; zero: nobody
	Frame []byte
}

// After yields the kept messages with a number greater than seq, in order.
func (c *Channel) After(seq uint64) func(yield func(Message) bool) {
	return func(yield func(Message) bool) {
		if c.kept == nil {
			return
		}
		n := max(c.Oldest(), seq+1)
		if n > c.seq {
			return
		}
		c.kept.ring.from(uint32(n-c.Oldest()), func(r record) bool {
			n++
			return yield(Message{n - 1, r.from(), r.frame()})
		})
	}
}

// kept has the messages of a channel. The store links the channels that have messages, the least recently used first.
type kept struct {
	ring       ring
	newest     uint32 // when the last message was added, in seconds of the store's clock
	full       bool   // the last message that was dropped had to make room; otherwise it was too old
	prev, next *kept
}
