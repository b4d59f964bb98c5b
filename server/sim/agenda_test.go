package sim

import (
	"time"

	"momentum/netpoll"
)

// agenda holds the clients that wake in each tick, in the order in which they asked for it.
type agenda map[uint32][]wake

type wake struct {
	at time.Time
	c  *client
}

// readBy makes the client read at the given time.
func (c *client) readBy(at time.Time) {
	if c.readAt.IsZero() || at.Before(c.readAt) {
		c.readAt = at
		c.wakeBy(at)
	}
}

func (c *client) wakeBy(at time.Time) {
	if !c.wakeAt.IsZero() && !at.Before(c.wakeAt) {
		return
	}
	c.wakeAt = at
	tick := max(c.w.woken, uint32((at.Sub(c.w.began)+netpoll.TickLength-1)/netpoll.TickLength))
	c.w.agenda[tick] = append(c.w.agenda[tick], wake{at, c})
}

// runAgenda wakes all clients that are due until then.
func (w *world) runAgenda(until time.Time) {
	for last := uint32(until.Sub(w.began) / netpoll.TickLength); w.woken <= last; w.woken++ {
		for i := 0; i < len(w.agenda[w.woken]); i++ { // it may grow meanwhile
			if next := w.agenda[w.woken][i]; next.c.wakeAt.Equal(next.at) {
				next.c.wakeAt = time.Time{}
				next.c.wakeUp(next.at)
			}
		}
		delete(w.agenda, w.woken)
	}
}

func (c *client) wakeUp(now time.Time) {
	if !c.readAt.IsZero() && !c.readAt.After(now) || c.Closed {
		c.readAt = time.Time{}
		c.receive()
	}
	if c.Closed {
		c.w.forget(c)
		return
	}
	if c.manner == slow {
		c.Open(1 + c.w.random.IntN(3000))
		c.readAt = now.Add(time.Second)
	}
	if !c.actAt.IsZero() && !c.actAt.After(now) {
		c.actAt = time.Time{}
		c.do(now)
	}
	for _, at := range []time.Time{c.readAt, c.actAt} {
		if !at.IsZero() {
			c.wakeBy(at)
		}
	}
}
