package cache

import (
	"container/heap"
	"slices"
	"time"

	"momentum/server/directory"
)

// waiter is one question. It is answered by whoever takes it out of the deadlines, and so exactly once.
type waiter struct {
	to      directory.Asker
	by      time.Time
	inquiry *inquiry
	index   int // in deadlines; outOf when it has been taken out
}

// outOf is the index of a waiter that has been taken out of the deadlines.
const outOf = -1

// deadlines is a heap: the first has the least time left.
type deadlines []*waiter

func (d *deadlines) add(w *waiter) { heap.Push(d, w) }

func (d *deadlines) remove(w *waiter) {
	heap.Remove(d, w.index)
	w.inquiry.live--
}

// Len, Less, Swap, Push and Pop are for container/heap.
func (d deadlines) Len() int { return len(d) }

// Less puts the earlier first.
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
	w.index = outOf
	return w
}

// overdue takes out those whose time has come, as many as a batch has: reactors want the lock too, and run comes back for
// the others at once. An inquiry nobody waits for any more is not made.
func (c *Cache) overdue(now time.Time) (late []*waiter) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(late) < MaxBatch && len(c.deadlines) > 0 && !c.deadlines[0].by.After(now) {
		w := c.deadlines[0]
		c.deadlines.remove(w)
		late = append(late, w)
		q := w.inquiry
		if q.live == 0 && q.place != nil {
			c.drop(q)
		} else if len(q.waiters) > 2*q.live {
			q.waiters = slices.DeleteFunc(q.waiters, func(w *waiter) bool { return w.index == outOf })
		}
	}
	c.counts.Late += uint64(len(late))
	return late
}

// drop ends an inquiry that is not under way. c.mu is held.
func (c *Cache) drop(q *inquiry) {
	if q.place != nil {
		c.queue.Remove(q.place)
		q.place = nil
	}
	delete(c.inquiries, q.id)
}

// answer tells waiters that were taken out. No lock is held.
func answer(waiters []*waiter, u directory.User, err error) {
	for _, w := range waiters {
		if err != nil {
			u = directory.User{ID: w.inquiry.id}
		}
		w.to.Answer(u, err)
	}
}
