package server

import "momentum/netpoll"

// catchups are the sessions that were sent more missed messages at once than the soft limit on a connection's queue: those of topics,
// direct ones, or a segment with a long one. The grace of such a client begins anew as long as its queue shrinks, so the missed messages
// alone do not make it slow. One that takes nothing, or less than comes for it, is slow as any other.
type catchups struct {
	*base
	list []netpoll.Handle // in no order
	next int              // index of the one to look at next
}

// add adds a session that was just sent missed messages, if they are so many. More of them for one in the list count as the first do.
func (c *catchups) add(s *session) {
	owed := c.owed(s)
	if s.traffic.owes == 0 {
		if owed <= c.soft() {
			return
		}
		c.list = append(c.list, s.handle())
		c.reactor.WantTick()
	}
	s.traffic.owes = max(s.traffic.owes, owed)
}

// owed returns the bytes that are queued for a session alone.
func (c *catchups) owed(s *session) uint32 { return uint32(c.fanout.Queued(s) + s.conn.Queued()) }

func (c *catchups) soft() uint32 { return uint32(c.node.options.Outbound.Soft) }

// tick looks at up to looksATurn sessions.
func (c *catchups) tick() {
	for looks := min(looksATurn, len(c.list)); looks > 0; looks-- {
		if c.next >= len(c.list) {
			c.next = 0
		}
		if c.look(c.list[c.next]) {
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

// look forgives a session that is owed less than ever since its last missed messages, and reports whether it still has to catch up.
func (c *catchups) look(h netpoll.Handle) bool {
	s := c.live(h)
	if s == nil {
		return false
	}
	owed := c.owed(s)
	if owed <= c.soft() {
		s.traffic.owes = 0
		return false
	}
	if owed < s.traffic.owes {
		s.traffic.owes = owed
		s.conn.Forgive()
	}
	return true
}
