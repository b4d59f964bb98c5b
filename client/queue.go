package client

import (
	"context"
	"iter"
	"sync"
)

const (
	// mostEvents and mostEventBytes bound the events that wait for the program. Beyond one of them, the client reads no further message.
	mostEvents     = 1024
	mostEventBytes = 1 << 20

	// mostUnread is how many events, of mostEventBytes at most, are kept for a program that has not asked for any yet. It may only want to
	// send: older events are dropped, so that the client goes on reading acknowledgements.
	mostUnread = 256
)

// queue has the events that wait for the program.
type queue struct {
	mu      sync.Mutex
	events  []Event
	first   int // events before it are taken
	bytes   int
	handler func(Event)
	running bool // a goroutine calls the handler
	wanted  bool // the program asks for events
	closed  bool
	changed chan struct{} // closed at the next change, if a goroutine waits for one
}

// put appends an event.
func (q *queue) put(e Event) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return
	}
	for q.unread() && len(q.events) > 0 && (len(q.events)-q.first >= mostUnread || q.bytes+size(e) > mostEventBytes) {
		q.take()
	}
	q.events = append(q.events, e)
	q.bytes += size(e)
	if q.handler != nil && !q.running {
		q.running = true
		go q.handle()
	}
	q.tell()
}

// unread reports whether the program has not asked for events yet. The caller holds mu.
func (q *queue) unread() bool { return !q.wanted && q.handler == nil }

// close ends the queue once the program has taken all events.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.tell()
}

// room waits until the program has taken enough events, or ctx ends.
func (q *queue) room(ctx context.Context) {
	for {
		q.mu.Lock()
		if q.unread() || len(q.events)-q.first < mostEvents && q.bytes < mostEventBytes {
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
	if len(q.events) > 0 {
		return q.take(), nil
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
		if len(q.events) == 0 {
			q.running = false
			q.mu.Unlock()
			return
		}
		e := q.take()
		q.mu.Unlock()
		q.handler(e)
	}
}

// take removes the first of the events, of which there must be one. The caller holds mu.
func (q *queue) take() Event {
	e := q.events[q.first]
	q.events[q.first] = nil
	q.first++
	q.bytes -= size(e)
	switch {
	case q.first == len(q.events):
		q.events, q.first = nil, 0
	case q.first > mostEvents:
		q.events, q.first = append([]Event(nil), q.events[q.first:]...), 0
	}
	q.tell()
	return e
}

// wait returns a channel that is closed at the next change. The caller holds mu.
func (q *queue) wait() <-chan struct{} {
	if q.changed == nil {
		q.changed = make(chan struct{})
	}
	return q.changed
}

// tell ends all waits. The caller holds mu.
func (q *queue) tell() {
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
