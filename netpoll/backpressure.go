package netpoll

// Send sends bytes to the client. It never blocks and never keeps b: the bytes that the socket does not take are copied
// and queued, within the outbound limits. A connection that exceeds a limit is slow: further Sends do nothing, and the
// handler's Slow is called when the turn settles. Either all of b is sent or nothing, so that a close frame that follows
// begins at the end of a frame. A caller sends large data in pieces.
func (c *Conn) Send(b []byte) {
	if c.state != stateOpen || c.slow || len(b) == 0 {
		return
	}
	if c.backlog { // otherwise nothing is queued
		if queued := c.sock.OutboundBuffered(); queued > 0 && queued+len(b) > c.reactor.outbound.Hard {
			c.becomeSlow()
			return
		}
	}
	c.write(b)
}

// Slow reports whether the connection has exceeded an outbound limit, so that its client has missed data since.
func (c *Conn) Slow() bool { return c.slow }

// SendLast is Send for the last message of a connection, such as a close frame. The limits do not apply to it, and a slow
// connection gets it as well.
func (c *Conn) SendLast(b []byte) {
	if c.state == stateOpen {
		c.write(b)
	}
}

// write bypasses the socket and writes to the descriptor as long as nothing is queued before b (docs/PERFORMANCE.md has the
// figures). The socket queues the bytes that the kernel did not take, and finds any error again by itself. The socket's
// Write may end the connection (see Reactor.Lost), so c.sock is read again after it.
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

// Queued returns the number of bytes queued in user space for the connection.
func (c *Conn) Queued() int {
	if c.sock == nil {
		return 0
	}
	return c.sock.OutboundBuffered()
}

// Backlog returns an upper bound of the bytes queued on the reactor: those that the last tick counted, and all that were
// queued since. Sockets may have taken some of them meanwhile.
func (r *Reactor) Backlog() int { return r.buffered }

// CountBacklog counts the bytes queued on the reactor. It visits each connection that had bytes queued, and Backlog is exact
// after it.
func (r *Reactor) CountBacklog() int {
	r.buffered = 0
	for _, h := range r.backlog {
		if c := r.slab.find(h); c != nil {
			r.buffered += c.Queued()
		}
	}
	return r.buffered
}

// Overflow makes the connection slow. A handler calls it if it queues data for the connection itself and that is too much.
func (c *Conn) Overflow() {
	if c.state == stateOpen && !c.slow {
		c.becomeSlow()
	}
}

func (c *Conn) becomeSlow() {
	c.slow = true
	c.reactor.slow = append(c.reactor.slow, c)
}

// watchBacklog visits the connections with bytes queued, which are few, once a tick. It removes those that have caught up,
// lets those end that only had to be flushed, and makes those slow that stayed above the soft limit for too long.
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
	r.backlogged.Store(int64(len(kept)))
}

// trackSoftLimit counts the ticks that a connection has spent above the soft limit.
func (c *Conn) trackSoftLimit(queued int) {
	if queued <= c.reactor.outbound.Soft {
		c.watched = 0
		return
	}
	if c.watched++; c.watched > c.reactor.outbound.GraceTick && !c.slow {
		c.becomeSlow()
	}
}

// extendFlush gives a closing connection more time if its client has taken some of the queued bytes since the last tick.
func (c *Conn) extendFlush(left uint32) {
	if left < c.watched {
		c.reactor.wheel.arm(c, min(c.reactor.tick+FlushTicks, c.flushBy))
	}
	c.watched = left
}
