package cache

import (
	"context"
	"time"

	"github.com/google/uuid"

	"momentum/server/directory"
)

// run sends flights out when there is a full batch or the first of a smaller one has waited for its window, and
// tells those whose time is over.
func (c *Cache) run() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-c.ctx.Done():
			return
		case <-c.wake:
		case <-timer.C:
		}
		now := c.options.Now()
		answer(c.overdue(now), directory.User{}, ErrLate)
		if next := c.launch(now); !next.IsZero() {
			timer.Reset(next.Sub(now))
		} else {
			timer.Stop()
		}
	}
}

// launch sends out what may go, and returns when there will be something to do, unless somebody pokes before.
func (c *Cache) launch(now time.Time) (next time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for !c.closed {
		at, ok := c.departure()
		if !ok {
			break
		}
		if at.After(now) {
			next = at
			break
		}
		c.flights++
		batch := c.take(now)
		c.running.Go(func() { c.fly(batch, now) })
	}
	if len(c.deadlines) > 0 && (next.IsZero() || c.deadlines[0].by.Before(next)) {
		next = c.deadlines[0].by
	}
	return next
}

// departure returns when the next flight may go. It says no when there is nothing to ask, or when the landing of
// another has to be waited for. c.mu is held.
func (c *Cache) departure() (at time.Time, ok bool) {
	if c.health.failures > 0 {
		return c.health.again, c.flights == 0 // one that tries, whether somebody waits or not
	}
	if c.queue.Len() == 0 || c.flights >= c.options.Flights {
		return at, false
	}
	first := c.queue.Front().Value.(*inquiry)
	if first.since.Sub(c.departed) > stormWindow {
		c.window = calmWindow
	}
	if c.queue.Len() >= MaxBatch {
		return first.since, true
	}
	return first.since.Add(c.window), true
}

// take takes a batch out of the queue. c.mu is held.
func (c *Cache) take(now time.Time) []*inquiry {
	batch := make([]*inquiry, 0, min(c.queue.Len(), MaxBatch))
	for len(batch) < cap(batch) {
		q := c.queue.Remove(c.queue.Front()).(*inquiry)
		q.place, q.again, q.epoch = nil, false, c.epoch
		batch = append(batch, q)
	}
	stormy := len(batch)*int(stormWindow) >= stormFrom*int(c.window)
	c.window, c.departed = calmWindow, now
	if stormy {
		c.window = stormWindow
	}
	c.counts.Queries++
	c.counts.IDs += uint64(len(batch))
	return batch
}

// fly asks the source, and gives out what it says.
func (c *Cache) fly(batch []*inquiry, started time.Time) {
	ids := make([]uuid.UUID, len(batch))
	for i, q := range batch {
		ids[i] = q.id
	}
	ctx, cancel := context.WithTimeout(c.ctx, c.options.Timeout)
	users, err := c.options.Source.Lookup(ctx, ids)
	cancel()
	if err != nil {
		c.failed(batch, err)
	} else {
		c.succeeded()
		known := make(map[uuid.UUID]directory.User, len(users))
		for _, u := range users {
			known[u.ID] = u
		}
		for _, q := range batch {
			u := known[q.id]
			u.ID = q.id
			answer(c.settle(q, u, started), u, nil)
		}
	}
	c.mu.Lock()
	c.flights--
	c.mu.Unlock()
	c.poke()
}

// settle remembers what the source said, and takes out those who wait for it. If it may be old, it is asked again.
func (c *Cache) settle(q *inquiry, u directory.User, started time.Time) (waiters []*waiter) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil
	}
	if q.again || q.epoch != c.epoch {
		c.requeue(q)
		return nil
	}
	ttl := c.options.TTL
	if u.Standing != directory.Active {
		ttl = min(refusedTTL, ttl)
	}
	ttl -= time.Duration(c.random.Int64N(int64(ttl)/ttlJitter + 1))
	c.memory.keep(u, c.options.Now(), started.Add(ttl))
	delete(c.inquiries, q.id)
	for _, w := range q.waiters {
		if w.index != outOf {
			c.deadlines.remove(w)
			waiters = append(waiters, w)
		}
	}
	return waiters
}

// requeue puts an inquiry back in front, if somebody still waits for it. c.mu is held.
func (c *Cache) requeue(q *inquiry) {
	if q.live == 0 {
		delete(c.inquiries, q.id)
		return
	}
	q.place = c.queue.PushFront(q)
}
