package cache

import (
	"slices"
	"time"
)

// health is whether the source answers. While it fails, one query at a time tries it, after growing pauses.
type health struct {
	failures int       // in a row
	since    time.Time // when the first of them was
	retry    time.Time // when it may be asked next
	backoff  time.Duration
	last     error
}

// failed puts a batch back into the queue, to be asked again after a pause.
func (c *Cache) failed(batch []*lookup, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	for _, l := range slices.Backward(batch) {
		c.requeue(l)
	}
	c.counts.Failures++
	now := c.options.Now()
	h := &c.health
	h.last = err
	if h.failures > 0 && now.Before(h.retry) {
		return // two queries were under way, and the other has set the pause
	}
	if h.failures == 0 {
		h.since, h.backoff = now, firstBackoff
		c.options.Log.Warn("the directory does not answer; remembered users are admitted, others wait or are refused with Retry-After", "reason", err)
	} else {
		h.backoff = min(2*h.backoff, lastBackoff)
	}
	h.failures++
	h.retry = now.Add(h.backoff - time.Duration(c.random.Int64N(int64(h.backoff)/2)))
}

// succeeded ends a series of failures.
func (c *Cache) succeeded() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.health.failures > 0 {
		c.options.Log.Info("the directory answers again", "failures", c.health.failures,
			"away", c.options.Now().Sub(c.health.since).Round(time.Millisecond))
	}
	c.health = health{}
}
