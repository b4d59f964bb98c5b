package redis

import (
	"errors"
	"time"

	"momentum/server/cluster"
)

const (
	tick = 100 * time.Millisecond

	// canaryPatience is for how long late ticks and Joins excuse a canary. A million Joins take less.
	canaryPatience = 30 * time.Second

	// othersCome is for how long the other nodes may take to come back to a Redis that was away: two attempts, and a connection.
	othersCome = 2*heldDelay + tick
)

var (
	errDeaf  = errors.New("Redis is connected, but its messages do not arrive")
	errQuiet = errors.New("Redis is connected, but it does not answer")
)

// supervisor watches the attachment, and sets the state of the bus.
type supervisor struct {
	bus     *Bus
	proven  time.Time // when the bus was last proven, or started
	reached bool
	stepped time.Time     // when the last step was
	silent  time.Duration // of the ticks in which the canary had no answer
	opening *attachment   // that is being made
	quiet   time.Duration // of the ticks in which a primary answered nothing while that attachment was made
	reads   uint64        // reads of that attachment
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

// step sends canaries that are due, ends an attachment on which no canary comes back, and changes the state.
func (s *supervisor) step(now time.Time) {
	passed, ticks := s.pass(now)
	s.open(ticks)
	a, before := s.bus.current()
	c := condition{reached: s.reached}
	if a != nil {
		c.proven, c.canary = a.proven(now)
		c.proven = s.mayFlush(a, now) && c.proven
		if s.silence(c.canary, passed, ticks) > canaryDeaf {
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

// mayFlush reports whether held messages may be sent on an attachment. It waits until the other nodes are connected too and have joined
// their channels: otherwise this node could send a channel more messages than its history keeps, and nodes that come later would miss the
// first of them. It does not wait so long that the held messages are given up.
func (s *supervisor) mayFlush(a *attachment, now time.Time) bool {
	if a != s.last {
		s.last, s.began, s.alone = a, now, s.reached
	}
	s.alone = s.alone && now.Sub(s.proven) < heldFor-othersCome && (now.Sub(s.began) < othersCome || s.bus.joins.count() > 0)
	return !s.alone
}

// pass returns the time since the last step, and how much of it counts against Redis: no more than a tick if the step is later than the
// next tick. A late step means that the machine is busy and the goroutines that send and receive the canary are late too, so a late answer
// says nothing about Redis. To end the attachment then would make the node join all its channels again, which would make the machine busier
// and the next canary late, too.
func (s *supervisor) pass(now time.Time) (passed, ticks time.Duration) {
	passed, s.stepped = now.Sub(s.stepped), now
	if ticks = passed; ticks > 2*tick {
		ticks = tick
	}
	return passed, ticks
}

// silence returns for how long a canary has had no answer although the node could have read one. While a backlog of Joins makes progress,
// time does not count, because the canary's answer comes after theirs. After canaryPatience, all time counts.
func (s *supervisor) silence(late, passed, ticks time.Duration) time.Duration {
	worked := s.bus.joins.progress().After(s.stepped.Add(-passed))
	switch s.silent = min(s.silent+ticks, late); { // another canary may be the latest one by now
	case late >= canaryPatience:
		return late
	case worked:
		s.silent = 0
	}
	return s.silent
}

// open ends an attachment that is being made if a primary answers nothing: each step of it waits for an answer. The time of dials and of the
// scout, which asks one address after another, does not count: both have timeouts of their own.
func (s *supervisor) open(ticks time.Duration) {
	a := s.bus.opened()
	if a == nil {
		s.opening = nil
		return
	}
	reads := a.dialer.reads.Load()
	if a != s.opening || reads != s.reads || !a.dialer.waits() {
		s.opening, s.reads, s.quiet = a, reads, 0
	} else if s.quiet += ticks; s.quiet > replyTimeout {
		a.end(errQuiet)
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
