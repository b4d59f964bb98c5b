package cache

import (
	"container/heap"
	"slices"
	"time"

	"momentum/server/directory"
)

// waiter waits for the answer to one call of Ask. It is answered by the goroutine that takes it out of the deadlines,
// and therefore exactly once.
type waiter struct {
	to     directory.Asker
	by     time.Time
	lookup *lookup
	index  int // in the deadlines, or answered
}

// answered is the index of a waiter that has been taken out of the deadlines.
const answered = -1

// deadlines is a heap: the first has the least time left.
type deadlines []*waiter

func (d *deadlines) add(w *waiter) { heap.Push(d, w) }

func (d *deadlines) remove(w *waiter) {
	heap.Remove(d, w.index)
	w.lookup.unanswered--
}

// Len, Less, Swap, Push and Pop are for container/heap.
func (d deadlines) Len() int { return len(d) }

// Less puts the earlier one first.
func (d deadlines) Less(i, j int) bool { return d[i].by.Before(d[j].by) }

// Swap exchanges two.
func (d deadlines) Swap(i, j int) {
	d[i], d[j] = d[j], d[i]
	d[i].index, d[j].index = i, j
}

// Push adds one at the end.
func (d *deadlines) Push(x any) {
	w := x.(*waiter)
	w.index = len(*d)
	*d = append(*d, w)
}

// Pop removes the last.
func (d *deadlines) Pop() any {
	last := len(*d) - 1
	w := (*d)[last]
	(*d)[last] = nil
	*d = (*d)[:last]
	w.index = answered
	return w
}

// overdue takes out waiters whose deadline has passed, at most as many as a batch has: reactors want the lock too, and
// run comes back for the others at once. A lookup that has no waiter left is dropped.
func (c *Cache) overdue(now time.Time) (late []*waiter) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(late) < MaxBatch && len(c.deadlines) > 0 && !c.deadlines[0].by.After(now) {
		w := c.deadlines[0]
		c.deadlines.remove(w)
		late = append(late, w)
		l := w.lookup
		if l.unanswered == 0 && l.queued != nil {
			c.drop(l)
		} else if len(l.waiters) > 2*l.unanswered {
			l.waiters = slices.DeleteFunc(l.waiters, func(w *waiter) bool { return w.index == answered })
		}
	}
	c.counts.Late += uint64(len(late))
	return late
}

// drop removes a lookup from the queue. c.mu is held.
func (c *Cache) drop(l *lookup) {
	c.queue.Remove(l.queued)
	l.queued = nil
	delete(c.lookups, l.id)
}

// answer gives waiters that were taken out their answer. No lock is held.
func answer(waiters []*waiter, u directory.User, err error) {
	for _, w := range waiters {
		if err != nil {
			u = directory.User{ID: w.lookup.id}
		}
		w.to.Answer(u, err)
	}
}
