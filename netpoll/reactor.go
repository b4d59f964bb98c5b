package netpoll

import (
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
	group    *Group
	driver   Driver
	handler  Handler
	outbound Outbound

	slab    slab
	wheel   wheel
	inbox   batch // the half of the mailbox that is being applied
	applied int   // posts of it that have been
	tick    uint32
	now     time.Time // at which tick was read
	moment  Moment    // the same
	stalled bool      // the clock has jumped, and not all deadlines behind it have fired
	ticking bool      // the next tick is wanted, whatever the wheel says
	busy    bool      // inside a turn or a delivery: ends are settled behind it
	ending  []*Conn   // Finish or Abort was called, or a flush is over
	gone    []lost    // the socket has closed
	slow    []*Conn   // passed an outbound limit
	backlog []Handle  // bytes are queued for them
	waits   int       // bytes: how many of them, at the most
	refused int       // connections beyond the cap that still have a slot

	mail   mailbox      // its own mutex
	rung   atomic.Bool  // a turn is on its way
	queued atomic.Int64 // bytes queued in user space, as of the last tick

	figures figures
}

type lost struct {
	c     *Conn
	cause error
}

func newReactor(g *Group, index int) *Reactor {
	r := &Reactor{index: index, group: g, outbound: g.options.Outbound}
	r.wheel.slab = &r.slab
	return r
}

// Index returns the reactor's number, from 0.
func (r *Reactor) Index() int { return r.index }

// Tick returns the time of the current turn or read, in ticks since the group was made.
func (r *Reactor) Tick() uint32 { return r.tick }

// Now returns the same as a time. The clock is read once for each call of a driver, and not by whoever wants to know: to
// read it costs as much as some hundred instructions.
func (r *Reactor) Now() time.Time { return r.now }

// readClock is called wherever a driver calls: behind a stall of the process a read may come before the turn
// that sees the clock, and must not be taken for one of long ago.
func (r *Reactor) readClock() {
	r.now = r.group.options.Now()
	elapsed := r.now.Sub(r.group.start)
	r.moment = momentOf(elapsed)
	if now := uint32(elapsed / TickLength); int32(now-r.tick) > 0 {
		r.tick = now
	}
}

// Find returns the connection a handle names, or nil if it has gone.
func (r *Reactor) Find(h Handle) *Conn {
	if c := r.slab.find(h); c != nil && c.sock != nil && !c.overflow {
		return c
	}
	return nil
}

// Connections returns how many slots are taken by connections the handler knows of.
func (r *Reactor) Connections() int { return r.slab.used - r.refused }

// Queued returns the bytes queued in user space for slow readers. Any goroutine may call it.
func (r *Reactor) Queued() int64 { return r.queued.Load() }

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
	r.wheel.hasten(r.tick + 1)
}

// Turn does what has come up since the last one, in this order: what was posted, the clock, the fan-out.
// Reads happen between turns, so that everything read from all ready sockets is posted before one fan-out
// takes it all; and a fan-out that is not through asks for another turn behind the next reads.
func (r *Reactor) Turn() {
	r.busy = true
	r.rung.Store(false)
	r.readClock()
	r.meetDue()
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

// applyPosts applies up to budget posts, in order, and says whether more wait. Behind what an earlier turn has left,
// others may: whoever posted them found the bell rung, for this turn.
func (r *Reactor) applyPosts(budget int) (more bool) {
	left := r.applied < len(r.inbox.posts)
	if r.applied == len(r.inbox.posts) {
		r.inbox.reset()
		r.inbox, r.applied = r.mail.swap(r.inbox), 0
	}
	upTo := min(r.applied+budget, len(r.inbox.posts))
	for ; r.applied < upTo; r.applied++ {
		p := &r.inbox.posts[r.applied]
		r.handler.Posted(p, r.inbox.body(p))
	}
	return left || r.applied < len(r.inbox.posts)
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
	if int32(r.wheel.due.Load()-r.wheel.now) > 0 {
		return
	}
	r.wheel.due.Store(r.wheel.soonest())
	if r.ticking {
		r.wheel.hasten(r.tick + 1)
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
	if open, most := r.group.open.Add(1), int64(r.group.options.MaxSockets); open > most {
		r.turnAway(c, open-most)
	} else {
		r.handler.Opened(c)
	}
	r.busy = false
	r.settle()
	return true
}

// turnAway refuses a connection beyond the cap. Where descriptors allow, it lingers, so that the refusal is
// read and not thrown away by the reset that closing on unread bytes would send.
func (r *Reactor) turnAway(c *Conn, beyond int64) {
	c.overflow = true
	r.refused++
	r.group.turnedAway.Add(1)
	c.SendLast(r.group.options.Overflow())
	if beyond > overflowSlots {
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
	r.group.open.Add(-1)
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
