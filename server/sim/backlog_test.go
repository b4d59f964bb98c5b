package sim

import (
	"testing"

	"momentum/netpoll"
	"momentum/netpoll/netpolltest"
)

// settle notes that the node has done in this step all that there was to do. After a jump of the clock, every grace begins again.
func (w *world) settle() {
	w.settled, w.quiet = true, w.model.accepted
	if w.tick()-w.settledAt > netpoll.StallTicks {
		for _, c := range w.clients {
			c.below = w.settles
		}
	}
	for _, c := range w.clients {
		c.catchUp()
	}
	w.settles++
	w.settledAt = w.tick()
}

// watchBacklogs is called before the node acts. Until then clients have taken bytes; from then on queues only become longer.
func (w *world) watchBacklogs() {
	for _, c := range w.clients {
		n := c.OutboundBuffered()
		if w.settled {
			c.low, c.high = n, n
		}
		c.low, c.high = min(c.low, n), max(c.high, n)
	}
}

// noteBacklog is called before each write. Only a write makes the queue longer, and the node looks at the queue before it, so each
// time for which the queue is not above the soft limit is seen here, also one that is shorter than a step.
func (c *client) noteBacklog(bytes int) {
	n := c.OutboundBuffered()
	if n <= c.w.sc.outbound.Soft {
		c.below = c.w.settles
	}
	c.low, c.high = min(c.low, n), max(c.high, n+bytes)
}

// noteMissed notes that the node is sending missed messages.
func (c *client) noteMissed() { c.behind, c.more = true, true }

// catchUp begins the grace of a client anew if its queue is shorter than ever since its last missed messages. The node looks at the queue
// once in a step, and the model does not know when. So it has seen at least low, and has compared that with at most fewest.
func (c *client) catchUp() {
	low, high := min(c.low, c.OutboundBuffered()), c.high
	if c.more {
		c.fewest = max(c.fewest, high)
	}
	if c.behind && low < c.fewest {
		c.below = c.w.settles
	}
	if !c.more {
		c.fewest = min(c.fewest, high)
	}
	c.behind = c.behind && (c.more || c.replaying || high > c.w.sc.outbound.Soft)
	c.more = false
	if !c.behind {
		c.fewest = 0
	}
}

// overdue reports whether more than the soft limit has been queued without a break for longer than the grace. In a settled step
// the node has looked at each queue, so it must not be late by a tick. Ticks count from the first settled step, which may be that
// of the write: until then the node's clock may jump.
func (c *client) overdue() bool {
	return c.OutboundBuffered() > c.w.sc.outbound.Soft && c.w.settles-c.below > int(c.w.sc.outbound.GraceTick)+1
}

// checkBacklogs looks for clients that stay above the soft limit for longer than the grace.
func (w *world) checkBacklogs() {
	for _, c := range w.clients {
		if c.phase == live && c.overdue() {
			w.fail(c, "%d bytes are queued: above the soft limit of %d for %d settled steps, where the grace is %d ticks",
				c.OutboundBuffered(), w.sc.outbound.Soft, w.settles-c.below-1, w.sc.outbound.GraceTick)
		}
	}
}

// crowdedQueue makes a client that takes nothing, and a function that has the node write more than the soft limit to it.
func crowdedQueue(t *testing.T) (c *client, size int, write func()) {
	w := newWorld(t, 1)
	c = &client{w: w, user: w.users[0], phase: live, quiet: true}
	c.Peer = &netpolltest.Peer{Watch: c}
	w.clients = append(w.clients, c)
	size = w.sc.outbound.Soft + 1
	return c, size, func() { _, _ = c.Write(make([]byte, size)) }
}

// passGrace lets as many steps settle as the grace has ticks.
func (c *client) passGrace() {
	for range c.w.sc.outbound.GraceTick {
		c.w.settle()
	}
}

// expectGrace lets steps settle, and checks that the client's grace begins with the first of them.
func (c *client) expectGrace(t *testing.T) {
	t.Helper()
	for n := range c.w.sc.outbound.GraceTick + 1 {
		if c.w.settle(); c.overdue() {
			t.Fatalf("overdue after %d ticks of %d", n, c.w.sc.outbound.GraceTick)
		}
	}
	if c.w.settle(); !c.overdue() {
		t.Error("not overdue when the grace is over")
	}
}

func TestAQueueIsOverdueOneTickAfterTheGrace(t *testing.T) {
	c, _, write := crowdedQueue(t)
	write()
	c.expectGrace(t)
}

// TestAQueueThatWasShortForAMomentHasANewGrace is about a client with a replay, which takes a whole segment and gets the next one
// in the same step: a look after each step finds only long queues.
func TestAQueueThatWasShortForAMomentHasANewGrace(t *testing.T) {
	c, size, write := crowdedQueue(t)
	write()
	c.passGrace()
	c.Open(size)
	write()
	c.expectGrace(t)
}

// step lets a client take bytes, the node write some, and a step settle.
func (c *client) step(taken, written int) {
	c.Open(taken)
	c.w.watchBacklogs()
	if written > 0 {
		_, _ = c.Write(make([]byte, written))
	}
	c.w.settle()
}

// TestAClientThatCatchesUpHasANewGrace is about a client that takes a byte. Without missed messages, that is not enough.
func TestAClientThatCatchesUpHasANewGrace(t *testing.T) {
	for _, behind := range []bool{false, true} {
		c, size, write := crowdedQueue(t)
		if write(); behind {
			c.noteMissed()
		}
		c.step(0, size)
		c.passGrace()
		c.Open(1)
		if c.w.watchBacklogs(); behind {
			c.expectGrace(t)
			continue
		}
		c.w.settle()
		if c.w.settle(); !c.overdue() {
			t.Error("a client that takes a byte has a new grace")
		}
	}
}

// TestAClientThatTakesLessThanComesHasNoNewGrace: its queue is shorter than a step before in most steps, but not than ever.
func TestAClientThatTakesLessThanComesHasNoNewGrace(t *testing.T) {
	c, size, write := crowdedQueue(t)
	write()
	c.noteMissed()
	c.step(0, size)
	c.step(1, 0)
	for n := 0; !c.overdue(); n++ {
		if n > 2*int(c.w.sc.outbound.GraceTick) {
			t.Fatal("the grace begins again and again")
		}
		c.step(1, 4*(n%2))
	}
}

func TestAGraceBeginsAgainAfterAJumpOfTheClock(t *testing.T) {
	c, _, write := crowdedQueue(t)
	write()
	c.passGrace()
	c.w.net.Pass((netpoll.StallTicks + 1) * netpoll.TickLength)
	c.expectGrace(t)
}
