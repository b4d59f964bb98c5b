package cache

import (
	"slices"
	"time"
)

// health is how the source has been doing. While it fails, one query at a time tries it, with a growing pause.
type health struct {
	failures int       // in a row
	since    time.Time // when the first of them was
	again    time.Time // when it may be tried next
	backoff  time.Duration
	last     error
}

// failed puts a batch back, to be asked again behind a pause.
func (c *Cache) failed(batch []*inquiry, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	for _, q := range slices.Backward(batch) {
		c.requeue(q)
	}
	c.counts.Failures++
	now := c.options.Now()
	h := &c.health
	h.last = err
	if h.failures > 0 && now.Before(h.again) {
		return // two were under way, and the other has said so already
	}
	if h.failures == 0 {
		h.since, h.backoff = now, firstBackoff
		c.options.Log.Warn("the directory cannot be asked; those in memory are let in, others wait or are told to come back", "reason", err)
	} else {
		h.backoff = min(2*h.backoff, lastBackoff)
	}
	h.failures++
	h.again = now.Add(h.backoff - time.Duration(c.random.Int64N(int64(h.backoff)/2)))
}

// succeeded ends a time of failures.
func (c *Cache) succeeded() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.health.failures > 0 {
		c.options.Log.Info("the directory answers again", "failures", c.health.failures,
			"away", c.options.Now().Sub(c.health.since).Round(time.Millisecond))
	}
	c.health = health{}
}
