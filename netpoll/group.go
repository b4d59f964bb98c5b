package netpoll

import (
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// Options configures a group of reactors.
type Options struct {
	Reactors   int              // event loops, one goroutine each
	MaxSockets int              // connections above this are refused
	Overflow   func() []byte    // the answer to a connection above the limit; any reactor calls it
	Outbound   Outbound         // limits of the bytes queued for one connection
	Now        func() time.Time // the clock
	Log        *slog.Logger
	NewHandler func(*Reactor) Handler
	OnTick     func() // if set, the ticker calls it about once a tick, on its own goroutine

	// OnLag, if set, is called by each reactor with how late a turn comes that the ticker asked for.
	OnLag func(reactor int, late time.Duration)
}

// Group is the node's reactors.
type Group struct {
	options  Options
	clock    clock
	sockets  sockets
	reactors []*Reactor
}

// NewGroup makes reactors that nothing drives yet; Serve or a simulation attaches a driver to each.
func NewGroup(o Options) (*Group, error) {
	if o.Reactors < 1 || o.Reactors > MaxReactors {
		return nil, fmt.Errorf("%d reactors: must be from 1 to %d", o.Reactors, MaxReactors)
	}
	if o.MaxSockets < 1 {
		return nil, errors.New("the descriptor limit leaves no room for any connection: raise it (ulimit -n)")
	}
	if o.OnTick == nil {
		o.OnTick = func() {}
	}
	if o.OnLag == nil {
		o.OnLag = func(int, time.Duration) {}
	}
	g := &Group{options: o, clock: startClock(o.Now), sockets: sockets{limit: int64(o.MaxSockets), refusal: o.Overflow}}
	for i := range o.Reactors {
		r := newReactor(i, g.clock, &g.sockets, o.Outbound, o.OnLag)
		r.handler = o.NewHandler(r)
		r.rung.Store(true) // a ring before there is a driver would be lost, and no later post would ring
		g.reactors = append(g.reactors, r)
	}
	return g, nil
}

// Attach gives a reactor its driver, which can be rung from now on. It must happen before the reactor is used, except for posts,
// which wait for the next turn.
func (g *Group) Attach(reactor int, d Driver) *Reactor {
	r := g.reactors[reactor]
	r.driver = d
	r.rung.Store(false)
	return r
}

// Reactors returns how many reactors there are.
func (g *Group) Reactors() int { return len(g.reactors) }

// Moment reads the clock. Any goroutine may call it.
func (g *Group) Moment() Moment { return momentOf(g.clock.elapsed()) }

// Open returns how many sockets are open now, including those that are being refused.
func (g *Group) Open() int { return int(g.sockets.open.Load()) }

// TurnedAway returns how many connections above the limit were refused since start.
func (g *Group) TurnedAway() uint64 { return g.sockets.refused.Load() }

// Queued returns the bytes queued in user space for slow readers, as of the last look at each (see backlog).
func (g *Group) Queued() (sum int64) {
	for _, r := range g.reactors {
		sum += r.queued.Load()
	}
	return sum
}

// Backlogged returns how many connections have bytes queued in user space, as of the last look at each.
func (g *Group) Backlogged() (sum int64) {
	for _, r := range g.reactors {
		sum += r.backlogged.Load()
	}
	return sum
}

// Sent returns the bytes that sockets have taken since start.
func (g *Group) Sent() (sum uint64) {
	for _, r := range g.reactors {
		sum += r.sent.Load()
	}
	return sum
}

// Stuck returns the longest time for which a reactor has kept the ticker waiting for a turn. On a healthy node it is the
// time of a turn.
func (g *Group) Stuck() (longest time.Duration) {
	now := g.clock.elapsed()
	for _, r := range g.reactors {
		longest = max(longest, r.lag.waiting(now))
	}
	return longest
}

// Tick wakes the reactors that have something to do at this time, and calls OnTick. Once in checkTicks it wakes all
// reactors, since one that stands still with nothing to do must be noticed, too. The ticker calls it about once a tick.
func (g *Group) Tick() {
	now := tickOf(g.clock.elapsed())
	for _, r := range g.reactors {
		if int32(now-r.wheel.wakeAt.Load()) >= 0 || now%checkTicks == 0 {
			r.Due()
		}
	}
	g.options.OnTick()
}

// Post hands a post to the reactor that owns the connection p.To.
func (g *Group) Post(p Post, body []byte) { g.PostTo(p.To.Reactor(), p, body) }

// PostTo hands a post to one reactor.
func (g *Group) PostTo(reactor int, p Post, body []byte) { g.reactors[reactor].Post(p, body) }

// PostAll hands a post to every reactor: one post each, however many connections they own.
func (g *Group) PostAll(p Post, body []byte) {
	for _, r := range g.reactors {
		r.Post(p, body)
	}
}

// Load has the bytes that wait on one reactor.
type Load struct {
	Mailbox int64 // posts that the reactor has not taken yet
	Queued  int64 // for slow readers, in user space, as of the last look at each
}

// LoadOf returns the load of one reactor. Any goroutine may call it.
func (g *Group) LoadOf(reactor int) Load {
	r := g.reactors[reactor]
	return Load{Mailbox: r.mail.held.Load(), Queued: r.queued.Load()}
}

// HasRoom says whether a reactor's mailbox has room for more. A poster asks before it posts anything that grows with the
// load, so that a message goes to all reactors that it is for or to none. Between the answer and its posts other posters
// may fill the mailbox further, by one post each. Any goroutine may call it.
func (g *Group) HasRoom(reactor int) bool { return g.reactors[reactor].mail.hasRoom() }
