package netpoll

import (
	"math"
	"sync/atomic"
	"time"
)

// Handler gives bytes their meaning. A reactor calls it from its own goroutine only, so a Handler that uses only its own
// reactor's data needs no lock.
type Handler interface {
	// Opened is the first call for a connection.
	Opened(c *Conn)
	// Data delivers the bytes of a read. The handler may change them until it returns.
	Data(c *Conn, b []byte)
	// Deadline is called when the connection's deadline has passed. The connection has no deadline then. It returns how many sends its
	// work counts as.
	Deadline(c *Conn) (sends int)
	// Slow is called when the connection has exceeded an outbound limit. The handler must end it: Send does nothing any more. It returns
	// how many sends its work counts as.
	Slow(c *Conn) (sends int)
	// Closed is the last call for a connection. cause is nil if this side ended it.
	Closed(c *Conn, cause error)
	// Posted delivers a post. The body is valid until it returns.
	Posted(p *Post, body []byte)
	// Work does a turn's share of the work that takes several turns, up to about budget sends. It reports whether more waits.
	Work(budget int) (more bool)
	// Ticked is called once in each turn in which the clock has moved by a tick or more. Without a deadline or a call of
	// WantTick there may be no turn for a second.
	Ticked()
}

// Driver runs a reactor and its sockets: gnet's event loop, or netpolltest's simulation.
type Driver interface {
	// Ring causes a call of Turn soon, after the sockets that are ready. It may be called from any goroutine.
	Ring()
	// WakeAfter calls the reactor's Wake when a time, which is more than 0, has passed. It replaces an earlier call whose time
	// has not passed.
	WakeAfter(time.Duration)
	// Write writes as much of b, which is not empty, as the kernel takes at once, and returns how much that was. Nothing is
	// queued for the descriptor.
	Write(fd int32, b []byte) int
	// Close closes the socket at once, and calls Lost before it returns.
	Close(Socket)
	// CloseWrite shuts the write side.
	CloseWrite(Socket)
}

// Reactor owns a set of connections. Only the driver's goroutine may call its methods, except for those that say otherwise.
type Reactor struct {
	index    int
	driver   Driver
	handler  Handler
	local    any // the handler's
	outbound Outbound
	reading
	sockets *sockets                              // all reactors'
	onLag   func(reactor int, late time.Duration) // called with the lateness of turns that the ticker asked for

	slab    slab
	wheel   wheel
	inbox   inbox
	stalled bool          // the clock has jumped, and not all deadlines after the jump have fired
	turnAt  time.Duration // when the turn of WantTurnAfter is due, as elapsed time; 0: none is wanted
	resumed uint32        // the tick to which the clock has jumped last
	ticking bool          // the next tick is wanted, whether or not the wheel has a deadline
	yields  bool          // other goroutines are to run after the present read
	busy    bool          // inside a turn or a delivery: settle comes after it
	ending  []*Conn       // Finish or Abort was called, or a flush is over
	gone    []lost        // the socket has closed
	slow    []Handle      // exceeded an outbound limit
	ends    int           // what is left until the next turn of SlowBudget
	backlog backlog       // connections with bytes queued
	refused int           // connections above the socket limit that still have a slot

	mail mailbox     // has its own mutex
	rung atomic.Bool // a turn is on its way, or the driver cannot be rung yet
	lag  lag

	// What other goroutines read; the reactor writes it.
	sent       atomic.Uint64 // bytes taken by sockets
	queued     atomic.Int64  // bytes queued in user space, as of the last look at each connection
	backlogged atomic.Int64  // connections with bytes queued, likewise
}

func newReactor(index int, c clock, s *sockets, o Outbound, onLag func(int, time.Duration)) *Reactor {
	r := &Reactor{index: index, reading: reading{clock: c}, sockets: s, outbound: o, onLag: onLag, ends: SlowBudget}
	r.wheel.slab = &r.slab
	return r
}

// Index returns the reactor's number, from 0.
func (r *Reactor) Index() int { return r.index }

// Tick returns the time of the current turn or read, in ticks since the group was made.
func (r *Reactor) Tick() uint32 { return r.tick }

// Now returns the same as a time. The clock is read once for each call of a driver, and not for each question about the
// time: a reading costs as much as some hundred instructions.
func (r *Reactor) Now() time.Time { return r.time }

// Moment returns the same in microseconds.
func (r *Reactor) Moment() Moment { return r.moment }

// Find returns the connection that a handle names, or nil if it has closed.
func (r *Reactor) Find(h Handle) *Conn {
	if c := r.slab.find(h); c != nil && c.sock != nil && !c.refused {
		return c
	}
	return nil
}

// Connections returns how many slots are used, except for refused connections, which the handler does not know.
func (r *Reactor) Connections() int { return r.slab.used - r.refused }

// Post posts a request to the reactor and copies body. It does so even if the mailbox is full (see Group.HasRoom). Any
// goroutine may call it.
func (r *Reactor) Post(p Post, body []byte) {
	r.mail.put(p, body)
	r.Wake()
}

// Wake causes a turn soon. Any goroutine may call it.
func (r *Reactor) Wake() {
	if !r.rung.Swap(true) {
		r.driver.Ring()
	}
}

// WantTick causes a turn, with a call of Ticked, when the clock has moved by a tick.
func (r *Reactor) WantTick() {
	r.ticking = true
	r.wheel.wakeBy(r.tick + 1)
}

// Due is Wake for the ticker: it also measures how late the turn comes. Any goroutine may call it.
func (r *Reactor) Due() {
	r.lag.ask(r.elapsed())
	r.Wake()
}

// Turn applies posts, advances the clock, lets the handler work and fires deadlines, each within a budget. Reads happen
// between turns, so all messages that were read from ready sockets are posted before one turn's Work sends them. If some work
// is left, another turn comes after the next reads.
func (r *Reactor) Turn() {
	r.busy = true
	r.rung.Store(false)
	r.ends = SlowBudget
	elapsed := r.readClock()
	if late, ok := r.lag.turn(elapsed); ok {
		r.onLag(r.index, late)
	}
	if elapsed >= r.turnAt {
		r.turnAt = 0
	}
	more := r.applyPosts(PostBudget)
	jumped := r.advanceClock()
	more = r.watchBacklog(backlogBudget) || more
	more = r.handler.Work(SendBudget) || more
	if jumped || r.fireDeadlines(DeadlineBudget) {
		more = true // after a jump, bytes that came meanwhile are read first: a deadline may wait for them
	} else {
		r.stalled = false
	}
	r.sleepUntilDue()
	r.busy = false
	r.settle()
	if more {
		r.Wake()
	}
}

// applyPosts applies up to budget posts, in order, and reports whether more wait.
func (r *Reactor) applyPosts(budget int) (more bool) {
	posts, more := r.inbox.take(&r.mail, budget)
	for i := range posts {
		r.handler.Posted(&posts[i], r.inbox.body(&posts[i]))
	}
	return more
}

// ApplyAll applies everything that had been posted when it was called, however much that is: for an action that must not
// precede any of it, such as a close. A handler may call it from Work, since no read comes in between.
func (r *Reactor) ApplyAll() {
	r.applyPosts(math.MaxInt32) // the rest of a batch, if there is one
	r.applyPosts(math.MaxInt32)
}

// advanceClock moves the wheel to the current tick. It reports whether the clock jumped: the process was stopped, or a turn
// took far too long. A reactor that had nothing to do for that long cannot tell the difference, and reports a jump, too.
func (r *Reactor) advanceClock() (jumped bool) {
	if r.tick == r.wheel.now {
		return false
	}
	jumped = r.tick-r.wheel.now > StallTicks
	if jumped {
		r.stalled, r.resumed = true, r.tick
	}
	r.ticking = false
	r.wheel.advance(r.tick)
	r.backlog.plan()
	r.handler.Ticked()
	return jumped
}

// sleepUntilDue sets the tick at which the ticker has to wake the reactor. It may sleep until then, since being woken costs
// more than the work of a tick (docs/PERFORMANCE.md).
func (r *Reactor) sleepUntilDue() {
	if int32(r.wheel.wakeAt.Load()-r.wheel.now) > 0 {
		return
	}
	r.wheel.wakeAt.Store(r.wheel.nextDeadline())
	if r.ticking {
		r.wheel.wakeBy(r.tick + 1)
	}
}

// Stalled reports whether the clock has jumped and deadlines wait until the bytes that came meanwhile have been read. As long
// as it does, a handler cannot conclude from a client's silence that the client is dead.
func (r *Reactor) Stalled() bool { return r.stalled || r.tick-r.wheel.now > StallTicks }

func (r *Reactor) fireDeadlines(budget int) (more bool) {
	for budget > 0 {
		c := r.wheel.pop()
		if c == nil {
			return false
		}
		budget--
		if c.state == stateOpen {
			budget -= r.handler.Deadline(c) - 1
		} else if c.look(); !c.armed { // armed again: its client has taken some bytes since the last look
			c.Abort()
		}
	}
	return true
}

// Open takes an accepted socket, and makes the Conn its context. It returns false if no slot is left; the driver must then
// close the socket itself.
func (r *Reactor) Open(sock Socket) bool {
	c := r.slab.take()
	if c == nil {
		return false
	}
	c.sock, c.fd, c.reactor, c.state = sock, int32(sock.Fd()), r, stateOpen
	r.readClock()
	sock.SetContext(c)
	r.busy = true
	if above := r.sockets.enter(); above > 0 {
		r.refuse(c, above)
	} else {
		r.handler.Opened(c)
	}
	r.busy = false
	r.settle()
	return true
}

// refuse answers a connection above the socket limit and ends it. As long as there are descriptors for that, it lingers:
// closing with unread bytes would send a reset, which can make the client lose the answer.
func (r *Reactor) refuse(c *Conn, above int64) {
	c.refused = true
	r.refused++
	r.sockets.refused.Add(1)
	c.SendLast(r.sockets.refusal())
	if above > refusalSlots {
		c.Abort()
		return
	}
	c.Finish()
}

// Data delivers the bytes of a read from c.
func (r *Reactor) Data(c *Conn, b []byte) {
	if c.state != stateOpen || c.aborting {
		return
	}
	r.busy, r.yields = true, false
	r.readClock()
	r.handler.Data(c, b)
	r.busy = false
	r.settle()
}

// Lost notes that c's socket has closed. A driver may call it from within a Write or a Close of the reactor. So it only marks
// the connection, and the handler's Closed is called when the turn settles.
func (r *Reactor) Lost(c *Conn, cause error) {
	if c.state == stateGone || c.state == stateFree {
		return
	}
	if c.aborting || c.state != stateOpen {
		cause = nil
	}
	if !r.busy {
		r.readClock()
	}
	c.sock, c.state = nil, stateGone
	c.forgetBacklog()
	r.wheel.disarm(c)
	r.sockets.leave()
	r.gone = append(r.gone, lost{c, cause})
	r.settleUnlessBusy()
}

func (r *Reactor) settleUnlessBusy() {
	if !r.busy {
		r.settle()
	}
}

// settle reports slow and lost connections to the handler, closes those that are to end, and releases slots, until nothing more
// follows from it. None of this may happen in the middle of a loop over connections. A turn follows if more slow connections are to
// end than is left of the budget.
func (r *Reactor) settle() {
	r.busy = true
	for r.ends > 0 && len(r.slow) > 0 || len(r.ending)+len(r.gone) > 0 {
		for r.ends > 0 && len(r.slow) > 0 {
			if c := r.slab.find(pop(&r.slow)); c != nil && c.state == stateOpen {
				r.ends -= r.handler.Slow(c)
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
