package netpoll

// Send is the one door through which bytes reach a socket. It never blocks and never keeps b: what the
// socket does not take is copied, within the outbound limits. A connection that passes a limit is slow: it
// gets nothing more through this door, and its handler is told when the turn settles. All of b goes or nothing
// of it, so that what follows, such as a farewell, begins where b ended: whoever sends much sends it in pieces.
func (c *Conn) Send(b []byte) {
	if c.state != stateOpen || c.slow || len(b) == 0 {
		return
	}
	if c.backlog { // or else nothing is queued
		if queued := c.sock.OutboundBuffered(); queued > 0 && queued+len(b) > c.reactor.outbound.Hard {
			c.becomeSlow()
			return
		}
	}
	c.write(b)
}

// Slow says that the connection passed a limit and has missed something since.
func (c *Conn) Slow() bool { return c.slow }

// SendLast is Send for a connection's farewell, which a slow one may still have.
func (c *Conn) SendLast(b []byte) {
	if c.state == stateOpen {
		c.write(b)
	}
}

// write goes past the socket, straight to the descriptor, as long as nothing is queued in front of b: see
// docs/PERFORMANCE.md for what that saves. Whatever the kernel did not take is the socket's to queue, and whatever is
// wrong it meets again by itself. It may end the connection underneath us (see Reactor.Lost), so c.sock is read again
// behind it.
func (c *Conn) write(b []byte) {
	if !c.backlog {
		sent := c.reactor.driver.Write(c.fd, b)
		c.reactor.sent.Add(uint64(sent))
		if sent == len(b) {
			return
		}
		b = b[sent:]
	}
	if _, err := c.sock.Write(b); err != nil || c.sock == nil {
		return
	}
	c.reactor.sent.Add(uint64(len(b)))
	n := c.sock.OutboundBuffered()
	if n == 0 {
		return
	}
	c.reactor.buffered += min(n, len(b))
	if !c.backlog {
		c.backlog = true
		c.reactor.backlog = append(c.reactor.backlog, c.Handle())
		c.reactor.WantTick()
	}
}

// Queued returns the bytes queued in user space for the connection.
func (c *Conn) Queued() int {
	if c.sock == nil {
		return 0
	}
	return c.sock.OutboundBuffered()
}

// Backlog returns what is queued on the reactor at the most: what the last tick counted, and all that was queued since,
// some of which sockets may have taken meanwhile.
func (r *Reactor) Backlog() int { return r.buffered }

// CountBacklog finds out what Backlog is now, at the price of a look at each connection that had something queued.
func (r *Reactor) CountBacklog() int {
	r.buffered = 0
	for _, h := range r.backlog {
		if c := r.slab.find(h); c != nil {
			r.buffered += c.Queued()
		}
	}
	return r.buffered
}

// Overflow says that the connection is to be taken for a slow one: more is kept for it elsewhere than a handler allows.
func (c *Conn) Overflow() {
	if c.state == stateOpen && !c.slow {
		c.becomeSlow()
	}
}

func (c *Conn) becomeSlow() {
	c.slow = true
	c.reactor.slow = append(c.reactor.slow, c)
}

// watchBacklog looks once a tick at the connections with bytes queued, which are few: it forgets those that
// have caught up, lets those that were only waiting to be flushed end, and finds those that stayed above
// the soft limit for too long.
func (r *Reactor) watchBacklog() {
	kept, queued := r.backlog[:0], 0
	for _, h := range r.backlog {
		c := r.slab.find(h)
		if c == nil || c.sock == nil {
			continue
		}
		n := c.sock.OutboundBuffered()
		if n == 0 {
			c.backlog, c.watched = false, 0
			if c.state == stateFlushing {
				r.ending = append(r.ending, c)
			}
			continue
		}
		queued += n
		if c.state == stateFlushing {
			c.extendFlush(uint32(n))
		} else {
			c.trackSoftLimit(n)
		}
		kept = append(kept, h)
	}
	if r.backlog, r.buffered = kept, queued; len(kept) > 0 {
		r.WantTick()
	}
	r.queued.Store(int64(queued))
	r.behind.Store(int64(len(kept)))
}

// trackSoftLimit counts the ticks a connection has spent above the soft limit.
func (c *Conn) trackSoftLimit(queued int) {
	if queued <= c.reactor.outbound.Soft {
		c.watched = 0
		return
	}
	if c.watched++; c.watched > c.reactor.outbound.GraceTick && !c.slow {
		c.becomeSlow()
	}
}

// extendFlush gives a closing connection that takes what is queued for it more time to take the rest.
func (c *Conn) extendFlush(left uint32) {
	if left < c.watched {
		c.reactor.wheel.arm(c, min(c.reactor.tick+FlushTicks, c.flushBy))
	}
	c.watched = left
}
