package redis

import (
	"sync"
	"time"
)

// How often a canary is sent, and when it is late.
const (
	canaryInterval = time.Second
	canarySlow     = time.Second
	canaryDeaf     = 2500 * time.Millisecond // with the interval and some late looks, a bus that hears nothing is noticed within 4 s
	canaryProof    = 2                       // answers after which a link is proven
)

// canary is a message to the own node, through the script and both connections of a link. Only its answers prove that the link
// works: a server can be reached and hear nothing, or be a replica by now.
type canary struct {
	mu      sync.Mutex
	number  uint64
	asked   time.Time // of the one that has no answer; zero: there is none
	sent    bool
	next    time.Time
	answers int
	latency time.Duration // of the last one
}

// due asks for a canary if it is time, and returns whether the writer has one to send.
func (c *canary) due(now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.asked.IsZero() && !now.Before(c.next) {
		c.number++
		c.asked, c.sent = now, false
	}
	return !c.asked.IsZero() && !c.sent
}

// take returns the number of the canary that has to be sent, if there is one.
func (c *canary) take() (number uint64, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.asked.IsZero() || c.sent {
		return 0, false
	}
	c.sent = true
	return c.number, true
}

// answer takes a canary that has come back.
func (c *canary) answer(number uint64, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if number != c.number || c.asked.IsZero() {
		return
	}
	c.latency = now.Sub(c.asked)
	c.next, c.asked = c.asked.Add(canaryInterval), time.Time{}
	if c.answers++; c.answers < canaryProof {
		c.next = now
	}
}

// refuse takes the refusal of a canary. The link has to prove itself again.
func (c *canary) refuse(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.next, c.asked, c.answers = now.Add(canaryInterval), time.Time{}, 0
}

// proven returns whether the link works, and for how long the canary has no answer.
func (c *canary) proven(now time.Time) (ok bool, late time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.asked.IsZero() {
		late = now.Sub(c.asked)
	}
	return c.answers >= canaryProof, late
}

func (c *canary) lastLatency() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.latency
}
