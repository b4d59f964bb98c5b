package netpoll

import (
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"
)

// Options is what a group of reactors is made from.
type Options struct {
	Reactors   int              // event loops, one goroutine each
	MaxSockets int              // connections beyond this are turned away
	Overflow   func() []byte    // what a connection beyond the cap is told; called by any reactor
	Outbound   Outbound         // limits on what is queued for one connection
	Now        func() time.Time // the clock
	Log        *slog.Logger
	NewHandler func(*Reactor) Handler
	OnTick     func() // called about once a tick, on the ticker's goroutine

	// OnLag, if there is one, is told by each reactor how late the turn comes that the ticker asked for.
	OnLag func(reactor int, late time.Duration)
}

// Group is the node's reactors.
type Group struct {
	options    Options
	start      time.Time
	reactors   []*Reactor
	open       atomic.Int64  // sockets open now, those being turned away among them
	turnedAway atomic.Uint64 // connections beyond the cap, since start
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
	g := &Group{options: o, start: o.Now()}
	for i := range o.Reactors {
		r := newReactor(g, i)
		r.handler = o.NewHandler(r)
		g.reactors = append(g.reactors, r)
	}
	return g, nil
}

// Attach gives a reactor its driver. It must happen before the reactor is used.
func (g *Group) Attach(reactor int, d Driver) *Reactor {
	r := g.reactors[reactor]
	r.driver = d
	return r
}

// Reactors returns how many reactors there are.
func (g *Group) Reactors() int { return len(g.reactors) }

// Open returns how many sockets are open now.
func (g *Group) Open() int { return int(g.open.Load()) }

// TurnedAway returns how many connections were refused since start for being beyond the cap.
func (g *Group) TurnedAway() uint64 { return g.turnedAway.Load() }

// Queued returns the bytes queued in user space for readers that lag, as of the last tick.
func (g *Group) Queued() int64 {
	var sum int64
	for _, r := range g.reactors {
		sum += r.Queued()
	}
	return sum
}

// Tick wakes the reactors that the clock concerns by now, and all of them once in checkTicks, so that one which stands
// still is noticed though it has nothing to do; and calls OnTick. The ticker calls it about once a tick.
func (g *Group) Tick() {
	now := g.tick()
	for _, r := range g.reactors {
		if int32(now-r.wheel.due.Load()) >= 0 || now%checkTicks == 0 {
			r.Due()
		}
	}
	g.options.OnTick()
}

// tick is the time, in ticks since the group was made.
func (g *Group) tick() uint32 { return uint32(g.elapsed() / TickLength) }

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
