package cache

import (
	"context"
	"time"

	"github.com/google/uuid"

	"momentum/server/directory"
)

// run starts a query when a batch is full or its first lookup has waited for the window, and answers lookups whose
// deadline has passed.
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
		if next := c.startQueries(now); !next.IsZero() {
			timer.Reset(next.Sub(now))
		} else {
			timer.Stop()
		}
	}
}

// startQueries starts the queries that are due, and returns when there will be something to do, unless run is woken
// before.
func (c *Cache) startQueries(now time.Time) (next time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for !c.closed {
		at, ok := c.nextQuery()
		if !ok {
			break
		}
		if at.After(now) {
			next = at
			break
		}
		c.queries++
		batch := c.takeBatch(now)
		c.running.Go(func() { c.query(batch, now) })
	}
	if len(c.deadlines) > 0 && (next.IsZero() || c.deadlines[0].by.Before(next)) {
		next = c.deadlines[0].by
	}
	return next
}

// nextQuery returns when the next query may start. ok is false if there is nothing to ask, or if a query has to end
// first. c.mu is held.
func (c *Cache) nextQuery() (at time.Time, ok bool) {
	if c.health.failures > 0 {
		return c.health.retry, c.queries == 0 // one that tries, whether any lookup waits or not
	}
	if c.queue.Len() == 0 || c.queries >= c.options.Queries {
		return at, false
	}
	first := c.queue.Front().Value.(*lookup)
	if first.since.Sub(c.lastQuery) > stormWindow {
		c.window = calmWindow
	}
	if c.queue.Len() >= MaxBatch {
		return first.since, true
	}
	return first.since.Add(c.window), true
}

// takeBatch takes a batch out of the queue. c.mu is held.
func (c *Cache) takeBatch(now time.Time) []*lookup {
	batch := make([]*lookup, 0, min(c.queue.Len(), MaxBatch))
	for len(batch) < cap(batch) {
		l := c.queue.Remove(c.queue.Front()).(*lookup)
		l.queued, l.stale, l.epoch = nil, false, c.epoch
		batch = append(batch, l)
	}
	storm := len(batch)*int(stormWindow) >= stormFrom*int(c.window)
	c.window, c.lastQuery = calmWindow, now
	if storm {
		c.window = stormWindow
	}
	c.counts.Queries++
	c.counts.IDs += uint64(len(batch))
	return batch
}

// query asks the source for a batch and gives out the answers.
func (c *Cache) query(batch []*lookup, started time.Time) {
	ids := make([]uuid.UUID, len(batch))
	for i, l := range batch {
		ids[i] = l.id
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
		for _, l := range batch {
			u := known[l.id]
			u.ID = l.id
			if c.remember(l, u, started) {
				c.answerAll(l, u)
			}
		}
	}
	c.mu.Lock()
	c.queries--
	c.mu.Unlock()
	c.wakeRun()
}

// remember remembers the answer to a lookup, which is over by that. If the answer may be stale, the lookup is queued
// again instead. The TTL counts from the start of the query, which read the database no earlier than that.
func (c *Cache) remember(l *lookup, u directory.User, started time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	if l.stale || l.epoch != c.epoch {
		c.requeue(l)
		return false
	}
	ttl := c.options.TTL
	if u.Standing != directory.Active {
		ttl = min(refusedTTL, ttl)
	}
	ttl -= time.Duration(c.random.Int64N(int64(ttl)/ttlJitter + 1))
	c.memory.keep(u, c.elapsed(c.options.Now()), c.elapsed(started)+ttl)
	delete(c.lookups, l.id)
	return true
}

// answerAll answers the waiters of a lookup that is over. It takes the lock for a batch of them at a time: one user may
// have tens of thousands of handshakes under way, and reactors want the lock too.
func (c *Cache) answerAll(l *lookup, u directory.User) {
	for more := true; more; {
		var waiters []*waiter
		waiters, more = c.takeWaiters(l)
		answer(waiters, u, nil)
	}
}

// takeWaiters takes a batch of a lookup's waiters out of the deadlines.
func (c *Cache) takeWaiters(l *lookup) (waiters []*waiter, more bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, false
	}
	from := max(0, len(l.waiters)-MaxBatch)
	for _, w := range l.waiters[from:] {
		if w.index != answered {
			c.deadlines.remove(w)
			waiters = append(waiters, w)
		}
	}
	l.waiters = l.waiters[:from]
	return waiters, from > 0
}

// requeue puts a lookup at the front of the queue again, if any waiter is left. c.mu is held.
func (c *Cache) requeue(l *lookup) {
	if l.unanswered == 0 {
		delete(c.lookups, l.id)
		return
	}
	l.queued = c.queue.PushFront(l)
}
