package topics

import "time"

// queue holds the topics without subscribers, in the order in which their last ones went.
type queue struct {
	first, last *Topic
	size        int
}

// push appends a topic. Reactors read the clock at moments of their own: a time before the last one's counts as that.
func (q *queue) push(t *Topic, at time.Duration) {
	t.idleSince, t.prev, t.next = at, q.last, nil
	if q.last == nil {
		q.first = t
	} else {
		t.idleSince = max(at, q.last.idleSince)
		q.last.next = t
	}
	q.last = t
	q.size++
}

func (q *queue) remove(t *Topic) {
	if t.prev == nil {
		q.first = t.next
	} else {
		t.prev.next = t.next
	}
	if t.next == nil {
		q.last = t.prev
	} else {
		t.next.prev = t.prev
	}
	t.next, t.prev = nil, nil
	q.size--
}
