package redis

import (
	"sync"
	"time"

	"github.com/google/uuid"

	"momentum/server/cluster"
)

// message is a message that waits for Redis. Its bytes are the bus's own.
type message struct {
	to       cluster.Channel
	but      uuid.UUID
	json     []byte
	sender   uuid.UUID // of id
	id       []byte    // nil: it is published each time
	ref      any
	sent     time.Time
	overhead int // bytes that it counts for
	forMany  bool
}

// messageBytes is how many bytes a message counts for beside its JSON.
const messageBytes = 200

// loneMessages is how many messages in a row have gone alone if the next one probably does, too: it does not wait for others.
const loneMessages = 4

// slab is how many bytes the outbox allocates at a time for copies.
const slab = 64 << 10

// outbox has the messages that wait, in the order in which they came.
type outbox struct {
	limit int
	wake  chan struct{}            // has room for one
	later func(wait time.Duration) // has ring called

	mu      sync.Mutex
	waiting []message
	bytes   int // of all that are not settled
	room    []byte
	lone    int           // messages in a row that the writer has taken alone
	settle  chan struct{} // is closed when all are settled; nil: nobody waits for that
}

func newOutbox(limit int) *outbox { return &outbox{limit: limit, wake: make(chan struct{}, 1)} }

// add queues a copy of a message, or returns false if too much waits. It wakes the writer, at once or after the message's Wait.
func (o *outbox) add(m cluster.Message, now time.Time) bool {
	size := messageBytes + len(m.JSON) + len(m.Once.ID)
	o.mu.Lock()
	if o.bytes+size > o.limit {
		o.mu.Unlock()
		return false
	}
	o.bytes += size
	w := message{to: m.To, but: m.But, json: o.keep(m.JSON), ref: m.Ref, sent: now, overhead: size, forMany: m.Wait > 0}
	if m.Once.ID != nil {
		w.sender, w.id = m.Once.Sender, o.keep(m.Once.ID)
	}
	o.waiting = append(o.waiting, w)
	switch {
	case m.Wait == 0 || o.lone >= loneMessages:
		o.ring()
	case len(o.waiting) == 1:
		o.later(m.Wait)
	}
	o.mu.Unlock()
	return true
}

// keep returns a copy. Copies share slabs, which nobody uses again.
func (o *outbox) keep(b []byte) []byte {
	if len(b) > cap(o.room)-len(o.room) {
		o.room = make([]byte, 0, max(slab, len(b)))
	}
	start := len(o.room)
	o.room = append(o.room, b...)
	return o.room[start:len(o.room):len(o.room)]
}

// ring wakes the writer.
func (o *outbox) ring() { wake(o.wake) }

// spareMessages is the largest list that is kept for the next messages.
const spareMessages = 4096

// take returns all that waits, and uses the memory of spare, which it returned before, for the next.
func (o *outbox) take(spare []message) []message {
	if clear(spare); cap(spare) > spareMessages {
		spare = nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	taken := o.waiting
	o.waiting = spare[:0]
	switch len(taken) {
	case 0:
	case 1:
		o.lone++
	default:
		o.lone = 0
	}
	return taken
}

// settled gives back the room of messages.
func (o *outbox) settled(messages []message) {
	size := 0
	for i := range messages {
		size += messages[i].overhead
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.bytes -= size
	if o.bytes == 0 && o.settle != nil {
		close(o.settle)
		o.settle = nil
	}
}

// empty returns a channel that is closed once no message waits: at once, if none does now.
func (o *outbox) empty() <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.bytes == 0 {
		none := make(chan struct{})
		close(none)
		return none
	}
	if o.settle == nil {
		o.settle = make(chan struct{})
	}
	return o.settle
}

// close refuses all messages from now on.
func (o *outbox) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.limit = 0
}

func (o *outbox) size() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.bytes
}

// wake wakes the goroutine that waits for a channel with room for one, now or when it waits next.
func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
