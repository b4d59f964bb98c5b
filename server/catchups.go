package server

import "momentum/netpoll"

// catchups are the sessions that were sent more missed messages at once than the soft limit on a connection's queue: those of topics,
// direct ones, or a segment with a long one. As long as such a client takes more than comes for it, its grace begins anew, so the missed messages alone do not make it slow. One
// that takes nothing is slow as any other.
type catchups struct {
	*base
	list []catchup // in no order
	next int       // index of the one to look at next
}

type catchup struct {
	to   netpoll.Handle
	owed int // bytes at the last look
}

// add adds a session that was just sent missed messages, if they are so many.
func (c *catchups) add(s *session) {
	owed := c.owed(s)
	if s.traffic.catchesUp || owed <= c.node.options.Outbound.Soft {
		return
	}
	s.traffic.catchesUp = true
	c.list = append(c.list, catchup{s.handle(), owed})
	c.reactor.WantTick()
}

// owed returns the bytes that are queued for a session alone.
func (c *catchups) owed(s *session) int { return c.fanout.Queued(s) + s.conn.Queued() }

// tick looks at up to looksATurn sessions.
func (c *catchups) tick() {
	for looks := min(looksATurn, len(c.list)); looks > 0; looks-- {
		if c.next >= len(c.list) {
			c.next = 0
		}
		if c.look(&c.list[c.next]) {
			c.next++
			continue
		}
		last := len(c.list) - 1
		c.list[c.next] = c.list[last]
		c.list = c.list[:last]
	}
	if len(c.list) > 0 {
		c.reactor.WantTick()
	}
}

// look forgives a session that has taken some since the last look, and reports whether it still has to catch up.
func (c *catchups) look(e *catchup) bool {
	s := c.live(e.to)
	if s == nil {
		return false
	}
	owed := c.owed(s)
	if owed < e.owed {
		s.conn.Forgive()
	}
	e.owed = owed
	s.traffic.catchesUp = owed > c.node.options.Outbound.Soft
	return s.traffic.catchesUp
}
