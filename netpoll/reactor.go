package netpoll

import (
	"math"
	"sync/atomic"
	"time"
)

// Handler gives bytes their meaning. A reactor calls it from its own goroutine only, so a Handler that keeps
// to its own reactor needs no lock.
type Handler interface {
	// Opened is the first call for a connection.
	Opened(c *Conn)
	// Data brings what was read. The bytes are the handler's to change, until it returns.
	Data(c *Conn, b []byte)
	// Deadline says that the connection's deadline has passed; it is disarmed.
	Deadline(c *Conn)
	// Slow says that the connection passed an outbound limit. It must be ended: Send does nothing any more.
	Slow(c *Conn)
	// Closed is the last call for a connection. cause is nil when this side ended it.
	Closed(c *Conn, cause error)
	// Posted brings what another goroutine posted. The body is valid until it returns.
	Posted(p *Post, body []byte)
	// Work does a turn's share of what takes several turns, such as up to about budget sends, and says whether more waits.
	Work(budget int) (more bool)
	// Ticked is called once in each turn in which the clock has moved by a tick or more. There need be none as long
	// as no deadline passes and nobody calls WantTick.
	Ticked()
}

// Driver is what a reactor's sockets run on: gnet's event loop, or netpolltest's simulation.
type Driver interface {
	// Ring causes a call of Turn soon, behind whatever else is ready. It may be called from any goroutine.
	Ring()
	// Write writes as much of b, which is not empty, as the kernel takes at once to a descriptor for which nothing is
	// queued, and returns how much that was.
	Write(fd int32, b []byte) int
	// Close closes the socket at once, and calls Lost before it returns.
	Close(Socket)
	// CloseWrite shuts the write side.
	CloseWrite(Socket)
}

// Reactor owns a set of connections. Its methods, but for those that say otherwise, are called from one
// goroutine only, the driver's.
type Reactor struct {
	index    int
	driver   Driver
	handler  Handler
	outbound Outbound
	reading
	sockets *sockets                              // all reactors'
	onLag   func(reactor int, late time.Duration) // called with the lateness of turns that the ticker asked for

	slab     slab
	wheel    wheel
	inbox    inbox
	stalled  bool     // the clock has jumped, and not all deadlines after the jump have fired
	ticking  bool     // the next tick is wanted, whatever the wheel says
	busy     bool     // inside a turn or a delivery: ends are settled after it
	ending   []*Conn  // Finish or Abort was called, or a flush is over
	gone     []lost   // the socket has closed
	slow     []*Conn  // passed an outbound limit
	backlog  []Handle // connections with bytes queued
	buffered int      // at most so many bytes are queued for them
	refused  int      // connections above the socket limit that still have a slot

	mail mailbox     // has its own mutex
	rung atomic.Bool // a turn is on its way
	lag  lag

	// What other goroutines read; the reactor writes it.
	sent   atomic.Uint64 // bytes taken by sockets
	queued atomic.Int64  // bytes queued in user space, as of the last tick
	behind atomic.Int64  // connections with bytes queued, as of the last tick
}

type lost struct {
	c     *Conn
	cause error
}

func newReactor(index int, c clock, s *sockets, o Outbound, onLag func(int, time.Duration)) *Reactor {
	r := &Reactor{index: index, reading: reading{clock: c}, sockets: s, outbound: o, onLag: onLag}
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

// Find returns the connection a handle names, or nil if it has gone.
func (r *Reactor) Find(h Handle) *Conn {
	if c := r.slab.find(h); c != nil && c.sock != nil && !c.overflow {
		return c
	}
	return nil
}

// Connections returns how many slots are taken by connections the handler knows of.
func (r *Reactor) Connections() int { return r.slab.used - r.refused }

// Post hands the reactor something to do and copies body. It always does (see Group.HasRoom). Any goroutine may call it.
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

// WantTick causes a turn with a call of Ticked when the clock has moved by a tick.
func (r *Reactor) WantTick() {
	r.ticking = true
	r.wheel.wakeBy(r.tick + 1)
}

// Due is Wake for the ticker: the lateness of the turn is measured. Any goroutine may call it.
func (r *Reactor) Due() {
	r.lag.ask(r.elapsed())
	r.Wake()
}

// Turn does what has come up since the last one, in this order: what was posted, the clock, the fan-out.
// Reads happen between turns, so that everything read from all ready sockets is posted before one fan-out
// takes it all; and a fan-out that is not through asks for another turn behind the next reads.
func (r *Reactor) Turn() {
	r.busy = true
	r.rung.Store(false)
	if late, ok := r.lag.turn(r.readClock()); ok {
		r.onLag(r.index, late)
	}
	more := r.applyPosts(PostBudget)
	jumped := r.advanceClock()
	more = r.handler.Work(SendBudget) || more
	if jumped || r.fireDeadlines(DeadlineBudget) {
		more = true // behind a jump, what came meanwhile is read first: it may be what the deadlines wait for
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

// applyPosts applies up to budget posts, in order, and says whether more wait.
func (r *Reactor) applyPosts(budget int) (more bool) {
	posts, more := r.inbox.take(&r.mail, budget)
	for i := range posts {
		r.handler.Posted(&posts[i], r.inbox.body(&posts[i]))
	}
	return more
}

// ApplyAll applies everything that had been posted when it was called, however much that is: for an action that must not
// precede any of it, such as a close. A handler may call it from Ticked, since no read comes in between.
func (r *Reactor) ApplyAll() {
	r.applyPosts(math.MaxInt32) // the rest of a batch, if there is one
	r.applyPosts(math.MaxInt32)
}

// advanceClock says whether the clock jumped: the process was stopped, or a turn took far too long. A reactor that had
// nothing to do for as long cannot tell, and takes it for a jump too.
func (r *Reactor) advanceClock() (jumped bool) {
	if r.tick == r.wheel.now {
		return false
	}
	jumped = r.tick-r.wheel.now > stallTicks
	r.stalled = r.stalled || jumped
	r.ticking = false
	r.wheel.advance(r.tick)
	r.watchBacklog()
	r.handler.Ticked()
	return jumped
}

// sleepUntilDue tells the ticker when the clock next concerns this reactor. Until then it lets it sleep, for each time it
// is woken costs more than what a tick has to do (docs/PERFORMANCE.md).
func (r *Reactor) sleepUntilDue() {
	if int32(r.wheel.wakeAt.Load()-r.wheel.now) > 0 {
		return
	}
	r.wheel.wakeAt.Store(r.wheel.nextDeadline())
	if r.ticking {
		r.wheel.wakeBy(r.tick + 1)
	}
}

// Stalled says that the clock has jumped and deadlines wait for what came meanwhile to be read. Nobody may be
// judged by their silence until it says no.
func (r *Reactor) Stalled() bool { return r.stalled || r.tick-r.wheel.now > stallTicks }

func (r *Reactor) fireDeadlines(budget int) (more bool) {
	for ; budget > 0; budget-- {
		c := r.wheel.pop()
		if c == nil {
			return false
		}
		if c.state == stateOpen {
			r.handler.Deadline(c)
		} else {
			c.Abort()
		}
	}
	return true
}

// Open takes a socket that was just accepted, and makes the Conn its context. False says that there is no
// slot left and the driver must close the socket itself.
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
	c.overflow = true
	r.refused++
	r.sockets.refused.Add(1)
	c.SendLast(r.sockets.refusal())
	if above > overflowSlots {
		c.Abort()
		return
	}
	c.Finish()
}

// Data delivers what was read from c.
func (r *Reactor) Data(c *Conn, b []byte) {
	if c.state != stateOpen || c.aborting {
		return
	}
	r.busy = true
	r.readClock()
	r.handler.Data(c, b)
	r.busy = false
	r.settle()
}

// Lost says that c's socket has closed. The driver may call it from within a Write or a Close of ours, so
// here the connection is only marked; the handler hears of it when the turn settles.
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

// settle does what must not happen in the middle of a loop over connections: it tells handlers of slow and
// lost connections, closes those that are to end, and releases slots, until nothing more follows from it.
func (r *Reactor) settle() {
	r.busy = true
	for len(r.slow)+len(r.ending)+len(r.gone) > 0 {
		for len(r.slow) > 0 {
			c := pop(&r.slow)
			if c.state == stateOpen {
				r.handler.Slow(c)
			}
		}
		for len(r.ending) > 0 {
			r.end(pop(&r.ending))
		}
		for len(r.gone) > 0 {
			l := pop(&r.gone)
			if l.c.overflow {
				r.refused--
			} else {
				r.handler.Closed(l.c, l.cause)
			}
			r.slab.release(l.c)
		}
	}
	r.busy = false
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

func pop[T any](list *[]T) T {
	last := (*list)[len(*list)-1]
	*list = (*list)[:len(*list)-1]
	return last
}
