package redis

import (
	"errors"
	"time"

	"momentum/server/cluster"
)

const tick = 100 * time.Millisecond

var errDeaf = errors.New("Redis is connected, but its messages do not arrive")

// supervisor follows how the bus is.
type supervisor struct {
	bus     *Bus
	proven  time.Time // when the bus was last proven, or started
	reached bool
}

// supervise runs the supervisor until the bus is closed.
func (b *Bus) supervise() {
	s := supervisor{bus: b, proven: b.options.Now()}
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		select {
		case <-b.closing:
			return
		case <-ticker.C:
			b.expireJoins(b.options.Now())
		case <-b.wake:
		}
		s.step(b.options.Now())
	}
}

// step sends canaries that are due, ends an attachment that is deaf, and changes the state.
func (s *supervisor) step(now time.Time) {
	a, before := s.bus.current()
	c := condition{reached: s.reached}
	if a != nil {
		c.proven, c.canary = a.proven(now)
		if c.canary > canaryDeaf {
			a.end(errDeaf)
			c.proven = false
		}
		for _, l := range a.links {
			if l.canary.due(now) {
				s.bus.outbox.ring()
			}
		}
	}
	if c.proven {
		s.proven, s.reached = now, true
	}
	c.lost = now.Sub(s.proven)
	if from := s.bus.batchFrom.Load(); from != nil {
		c.batch = now.Sub(*from)
	}
	if state := c.state(); state != before {
		s.bus.change(state)
	}
}

func (b *Bus) change(to cluster.State) {
	b.mu.Lock()
	from := b.state
	b.state = to
	b.mu.Unlock()
	b.options.Log.Info("the bus has changed", "from", from.String(), "to", to.String())
	b.inbox.call(0, func(n cluster.Node) { n.Changed(to, nil) })
	b.outbox.ring()
}
