package redis

import (
	"errors"
	"time"

	"momentum/server/cluster"
)

const (
	tick     = 100 * time.Millisecond
	lateTick = time.Second // by which a tick is late if the node was not scheduled

	// canaryPatience is for how long late ticks and Joins excuse a canary. A million Joins take less.
	canaryPatience = 30 * time.Second

	// othersCome is for how long the other nodes may take to come back to a Redis that was away: two attempts, and a connection.
	othersCome = 2*heldDelay + tick
)

var errDeaf = errors.New("Redis is connected, but its messages do not arrive")

// supervisor follows how the bus is.
type supervisor struct {
	bus     *Bus
	proven  time.Time // when the bus was last proven, or started
	reached bool
	stepped time.Time     // when the last step was
	excused time.Time     // a canary that had no answer until then proves nothing
	late    time.Duration // for how long the canary had no answer at the last step
	last    *attachment   // the latest one
	began   time.Time     // when it was seen first
	alone   bool          // others may still come back to Redis
}

// supervise runs the supervisor until the bus is closed.
func (b *Bus) supervise() {
	now := b.options.Now()
	s := supervisor{bus: b, proven: now, stepped: now}
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
	s.look(now)
	a, before := s.bus.current()
	c := condition{reached: s.reached}
	if a != nil {
		c.proven, c.canary = a.proven(now)
		c.proven = s.accompanied(a, now) && c.proven
		if s.silence(now, c.canary) > canaryDeaf {
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
	c.lost, s.late = now.Sub(s.proven), c.canary
	if from := s.bus.batchFrom.Load(); from != nil {
		c.batch = now.Sub(*from)
	}
	if state := c.state(); state != before {
		s.bus.change(state)
	}
}

// accompanied reports whether messages that were held may be sent on an attachment: not before the other nodes are back, too, and have
// joined their channels, which takes them as long as this one. A node that comes back before them would send a channel more messages than its
// history keeps, and they would miss the first ones. It ends in time for the messages to be sent before the node takes the bus for lost.
func (s *supervisor) accompanied(a *attachment, now time.Time) bool {
	if a != s.last {
		s.last, s.began, s.alone = a, now, s.reached
	}
	s.alone = s.alone && now.Sub(s.proven) < heldFor-othersCome && (now.Sub(s.began) < othersCome || s.bus.joins.count() > 0)
	return !s.alone
}

// look notes whether the node was scheduled since the last step. It does not if the canary was late for long before that: ticks that are
// late again and again hide no deaf link.
func (s *supervisor) look(now time.Time) {
	if now.Sub(s.stepped) > tick+lateTick && s.late < canaryPatience {
		s.excused = now
	}
	s.stepped = now
}

// silence returns for how long a canary has had no answer although the node could have read one. Time does not count in which the node was not
// scheduled, which its own late tick shows, or had a backlog of Joins, whose rounds end: the canary comes after their answers. A
// verdict then would have the node join all its channels again, which makes a busy machine busier, so that the next canary is late, too.
func (s *supervisor) silence(now time.Time, late time.Duration) time.Duration {
	if worked := s.bus.joins.progress(); late < canaryPatience && worked.After(s.excused) {
		s.excused = worked
	}
	return min(late, now.Sub(s.excused))
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
