package netpoll

func (r *Reactor) settleUnlessBusy() {
	if !r.busy {
		r.settle()
	}
}

// settle reports slow and lost connections to the handler, closes those that are to end, and releases slots, until nothing more
// follows from it. None of this may happen in the middle of a loop over connections. A turn follows if more slow connections are to
// end than the budget allows.
func (r *Reactor) settle() {
	r.busy = true
	budget := SlowBudget
	for budget > 0 && len(r.slow) > 0 || len(r.ending)+len(r.gone) > 0 {
		for budget > 0 && len(r.slow) > 0 {
			if c := r.slab.find(pop(&r.slow)); c != nil && c.state == stateOpen {
				budget -= r.handler.Slow(c)
			}
		}
		for len(r.ending) > 0 {
			r.end(pop(&r.ending))
		}
		for len(r.gone) > 0 {
			l := pop(&r.gone)
			if l.c.refused {
				r.refused--
			} else {
				r.handler.Closed(l.c, l.cause)
			}
			r.slab.release(l.c)
		}
	}
	r.busy = false
	if len(r.slow) > 0 {
		r.Wake()
	}
}

// end takes the next step of a connection's end.
func (r *Reactor) end(c *Conn) {
	switch {
	case c.sock == nil:
	case c.aborting:
		r.driver.Close(c.sock)
	case c.state == stateFlushing && c.sock.OutboundBuffered() == 0:
		c.state = stateLingering
		r.wheel.arm(c, r.tick+LingerTicks)
		r.driver.CloseWrite(c.sock)
	}
}
