package client

import (
	"context"
	"iter"
	"sync"
)

const (
	// maxEvents and maxEventBytes bound the events that wait for the program. Beyond one of them, the client reads no further message.
	maxEvents     = 1024
	maxEventBytes = 1 << 20

	// maxUnread is how many events, of maxEventBytes at most, are kept for a program that has not asked for any yet. It may only want to
	// send: older events are dropped, so that the client goes on reading acknowledgements.
	maxUnread = 256
)

// queue has the events that wait for the program, and knows the position after the last one that the program has finished with.
type queue struct {
	mu      sync.Mutex
	events  []queued
	first   int // events before it are taken
	bytes   int
	handler func(Event)
	running bool // a goroutine calls the handler
	wanted  bool // the program asks for events
	closed  bool
	changed chan struct{} // closed at the next change, if a goroutine waits for one

	done position  // after the last event that the program has finished with
	busy *position // after the event that the program has now; nil: none
}

// queued is an event, and the client's position after it.
type queued struct {
	Event
	after position
}

// put appends an event.
func (q *queue) put(e Event, after position) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return
	}
	for q.unread() && len(q.events) > 0 && (len(q.events)-q.first >= maxUnread || q.bytes+size(e) > maxEventBytes) {
		q.done = q.take().after
	}
	q.events = append(q.events, queued{e, after})
	q.bytes += size(e)
	if q.handler != nil && !q.running {
		q.running = true
		go q.handle()
	}
	q.signal()
}

// unread reports whether the program has not asked for events yet. The caller holds mu.
func (q *queue) unread() bool { return !q.wanted && q.handler == nil }

// reach moves the position without an event.
func (q *queue) reach(p position) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case len(q.events) > 0:
		q.events[len(q.events)-1].after = p
	case q.busy != nil:
		*q.busy = p
	default:
		q.done = p
	}
}

// position returns the position after the last event that the program has finished with. It has finished with one when it asks for the
// next, or when its handler returns.
func (q *queue) position() position {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.done
}

// finish notes that the program has finished with an event. The caller holds mu.
func (q *queue) finish() {
	if q.busy != nil {
		q.done, q.busy = *q.busy, nil
	}
}

// begin takes an event for the program. The caller holds mu.
func (q *queue) begin() Event {
	e := q.take()
	q.busy = &e.after
	return e.Event
}

// close ends the queue once the program has taken all events.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.signal()
}

// room waits until the program has taken enough events, or ctx ends.
func (q *queue) room(ctx context.Context) {
	for {
		q.mu.Lock()
		if q.unread() || len(q.events)-q.first < maxEvents && q.bytes < maxEventBytes {
			q.mu.Unlock()
			return
		}
		changed := q.wait()
		q.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}

// all is a sequence of the events until the queue is closed.
func (q *queue) all() iter.Seq[Event] {
	return func(yield func(Event) bool) {
		for {
			e, changed := q.next()
			switch {
			case e != nil:
				if !yield(e) {
					return
				}
			case changed == nil:
				return
			default:
				<-changed
			}
		}
	}
}

// next takes an event. Without one it returns a channel to wait for, or nil at the end.
func (q *queue) next() (Event, <-chan struct{}) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.wanted = true
	q.finish()
	if len(q.events) > 0 {
		return q.begin(), nil
	}
	if q.closed {
		return nil, nil
	}
	return nil, q.wait()
}

// handle calls the handler for all events, and ends.
func (q *queue) handle() {
	for {
		q.mu.Lock()
		q.finish()
		if len(q.events) == 0 {
			q.running = false
			q.mu.Unlock()
			return
		}
		e := q.begin()
		q.mu.Unlock()
		q.handler(e)
	}
}

// take removes the first of the events, of which there must be one. The caller holds mu.
func (q *queue) take() queued {
	e := q.events[q.first]
	q.events[q.first] = queued{}
	q.first++
	q.bytes -= size(e.Event)
	switch {
	case q.first == len(q.events):
		q.events, q.first = nil, 0
	case q.first > maxEvents:
		q.events, q.first = append([]queued(nil), q.events[q.first:]...), 0
	}
	q.signal()
	return e
}

// wait returns a channel that is closed at the next change. The caller holds mu.
func (q *queue) wait() <-chan struct{} {
	if q.changed == nil {
		q.changed = make(chan struct{})
	}
	return q.changed
}

// signal ends all waits. The caller holds mu.
func (q *queue) signal() {
	if q.changed != nil {
		close(q.changed)
		q.changed = nil
	}
}

// size returns the bytes that count for an event.
func size(e Event) int {
	switch e := e.(type) {
	case Message:
		return len(e.Data)
	case Raw:
		return len(e.Payload)
	}
	return 0
}
