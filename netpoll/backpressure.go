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
		if queued := c.look(); queued > 0 && queued+len(b) > c.reactor.outbound.Hard {
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
	if c.look() > 0 && !c.backlog {
		c.backlog = true
		c.reactor.backlog.add(c.Handle())
		c.reactor.WantTick()
	}
}

// Queued returns the number of bytes queued in user space for the connection. Backlog counts the same for it from now on. It reads
// the socket, which lies elsewhere in memory, only if bytes were queued: most connections have none.
func (c *Conn) Queued() int {
	if c.sock == nil || !c.backlog {
		return 0
	}
	return c.look()
}

// LastQueued returns how many bytes were queued when the connection was looked at last, which is at the latest after each Send that
// its socket did not take.
func (c *Conn) LastQueued() uint32 { return c.queued }

// Backlog returns an upper bound of the bytes queued on the reactor: those that were queued for each connection when it was
// looked at last. Sockets may have taken some of them meanwhile.
func (r *Reactor) Backlog() int { return r.backlog.bytes }

// Overflow makes the connection slow. A handler calls it if it queues data for the connection itself and that is too much.
func (c *Conn) Overflow() {
	if c.state == stateOpen && !c.slow {
		c.becomeSlow()
	}
}

// Forgive begins the grace of a connection above the soft limit anew. A handler calls it for a client that was sent more than that limit at
// once, and takes it slowly.
func (c *Conn) Forgive() {
	if c.state == stateOpen && c.since != 0 {
		c.since = max(1, c.reactor.tick)
	}
}

func (c *Conn) becomeSlow() {
	c.slow = true
	c.reactor.slow = append(c.reactor.slow, c.Handle())
}

// watchBacklog makes up to budget of the looks that are due, and reports whether more are.
func (r *Reactor) watchBacklog(budget int) (more bool) {
	b := &r.backlog
	if b.looks == 0 {
		return false
	}
	budget = min(budget, b.looks)
	b.looks -= budget
	for ; budget > 0 && b.next < len(b.handles); budget-- {
		if c := r.slab.find(b.handles[b.next]); c != nil && c.backlog && c.lags() {
			b.next++
		} else {
			b.dropNext()
		}
	}
	if b.next == len(b.handles) { // each has been looked at once; the next tick begins again
		b.next, b.looks = 0, 0
	}
	if len(b.handles) > 0 {
		r.WantTick()
	}
	r.queued.Store(int64(b.bytes))
	r.backlogged.Store(int64(b.conns))
	return b.looks > 0
}

// lags looks at a connection that had bytes queued and reports whether it still has some. It lets a connection end that only
// had to be flushed, and makes one slow that has been above the soft limit for too long.
func (c *Conn) lags() bool {
	if c.look() > 0 {
		if c.aboveSoftLimit() > c.reactor.outbound.GraceTick && !c.slow {
			c.becomeSlow()
		}
		return true
	}
	c.backlog = false
	c.reactor.backlog.conns--
	if c.state == stateFlushing {
		c.reactor.ending = append(c.reactor.ending, c)
	}
	return false
}

// look counts the bytes that are queued for a connection, and corrects the reactor's sum. For an open connection it notes since
// when they are more than the soft limit allows. A closing one gets more time if its client has taken some since the last look.
func (c *Conn) look() int {
	n, before := c.sock.OutboundBuffered(), int(c.queued)
	c.reactor.backlog.bytes += n - before
	c.queued = uint32(n)
	switch {
	case c.state == stateFlushing:
		if n < before {
			c.extendFlush()
		}
	case n <= c.reactor.outbound.Soft:
		c.since = 0
	case c.since == 0:
		c.since = max(1, c.reactor.tick)
	}
	return n
}

// forgetBacklog takes a connection whose socket has closed out of the sums. Its handle stays until it is looked at.
func (c *Conn) forgetBacklog() {
	b := &c.reactor.backlog
	b.bytes -= int(c.queued)
	if c.backlog {
		b.conns--
	}
	c.queued, c.backlog = 0, false
}

// TicksSince returns how many ticks have passed since the given one. Those in which the process stood still do not count: it
// sent nothing in them.
func (r *Reactor) TicksSince(tick uint32) uint32 { return min(r.tick-tick, r.tick-r.resumed) }

// aboveSoftLimit returns for how many ticks an open connection has been above the soft limit.
func (c *Conn) aboveSoftLimit() uint32 {
	if c.state != stateOpen || c.since == 0 {
		return 0
	}
	return c.reactor.TicksSince(c.since)
}

// extendFlush moves the deadline of a closing connection, unless its whole flush has taken too long.
func (c *Conn) extendFlush() {
	if left := int32(c.since + FlushLimitTicks - c.reactor.tick); left > 0 {
		c.reactor.wheel.arm(c, c.reactor.tick+min(FlushTicks, uint32(left)))
	}
}
