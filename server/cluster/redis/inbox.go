package redis

import (
	"sync"

	"momentum/server/cluster"
)

// event is a message of Redis, or another call of the node.
type event struct {
	generation    uint64
	channel, text string             // of a message
	call          func(cluster.Node) // nil: it is a message
	size          int
}

// deliverySlice is the most messages that the node gets at once.
const deliverySlice = 256

// inbox has the calls of the node that are due, in order. One goroutine makes them.
type inbox struct {
	node  cluster.Node
	names func() *names
	limit int

	mu         sync.Mutex
	changed    sync.Cond
	waiting    []event
	bytes      int
	generation uint64 // of the attachment whose messages are taken
	closed     bool
	lost       func(error) // logs a message that cannot be read

	deliveries deliveries // of run
}

func newInbox(node cluster.Node, limit int) *inbox {
	i := &inbox{node: node, limit: limit}
	i.changed.L = &i.mu
	return i
}

// message adds a message of an attachment. It waits while too much is due, so that nothing more is read from Redis. Messages of
// an earlier attachment are dropped.
func (i *inbox) message(generation uint64, channel, text string) {
	i.put(event{generation: generation, channel: channel, text: text, size: messageBytes + len(channel) + len(text)})
}

// put adds an event of an attachment, waiting for room. It returns false if the attachment is not the present one.
func (i *inbox) put(e event) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	for i.bytes >= i.limit && !i.closed && e.generation == i.generation {
		i.changed.Wait()
	}
	if i.closed || e.generation != i.generation {
		return false
	}
	i.add(e)
	return true
}

// await waits for room. It bounds the calls of the writer, which belong to no attachment.
func (i *inbox) await() {
	i.mu.Lock()
	defer i.mu.Unlock()
	for i.bytes >= i.limit && !i.closed {
		i.changed.Wait()
	}
}

// call adds a call that belongs to no attachment. It does not wait.
func (i *inbox) call(size int, f func(cluster.Node)) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.add(event{call: f, size: size})
}

func (i *inbox) add(e event) {
	if i.closed {
		return
	}
	i.waiting = append(i.waiting, e)
	i.bytes += e.size
	i.changed.Broadcast()
}

// turn takes the messages of another attachment from now on, after a call that says so. 0: of none.
func (i *inbox) turn(generation uint64, f func(cluster.Node)) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.generation = generation
	if f != nil {
		i.add(event{call: f})
	}
	i.changed.Broadcast()
}

func (i *inbox) close() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.closed, i.waiting = true, nil
	i.changed.Broadcast()
}

// run makes the calls until the inbox is closed.
func (i *inbox) run() {
	var spare []event
	for {
		i.mu.Lock()
		for len(i.waiting) == 0 && !i.closed {
			i.changed.Wait()
		}
		if i.closed {
			i.mu.Unlock()
			return
		}
		due := i.waiting
		i.waiting = spare[:0]
		i.mu.Unlock()
		size := i.make(due)
		clear(due)
		spare = due
		i.mu.Lock()
		i.bytes -= size
		i.changed.Broadcast()
		i.mu.Unlock()
	}
}

// make makes the calls that are due, and returns their size.
func (i *inbox) make(due []event) (size int) {
	for _, e := range due {
		size += e.size
		if e.call != nil {
			i.deliver()
			e.call(i.node)
			continue
		}
		names := i.names()
		if names.isNote(e.channel) {
			i.deliver()
			i.deliverNote(e.text)
			continue
		}
		c, ok := names.channel(e.channel)
		var err error = errBundle
		if ok {
			err = i.deliveries.add(c, e.text, 0)
		}
		if err != nil {
			i.lost(err)
		}
		if len(i.deliveries.list) >= deliverySlice || len(i.deliveries.room) >= roomBytes {
			i.deliver()
		}
	}
	i.deliver()
	return size
}

func (i *inbox) deliver() {
	if len(i.deliveries.list) > 0 {
		i.node.Deliver(i.deliveries.list)
		i.deliveries.reset()
	}
}

func (i *inbox) size() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.bytes
}
