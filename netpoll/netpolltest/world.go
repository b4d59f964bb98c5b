// Package netpolltest runs netpoll's reactors in a simulated world: the test moves the clock and says how many bytes a socket
// takes, and a seed decides the order of turns. The same seed and the same calls are the same run.
package netpolltest

import (
	"math/rand/v2"
	"net/netip"
	"sync"
	"time"

	"momentum/netpoll"
)

// World is one node's reactors and everything around them. It is not safe for concurrent use.
type World struct {
	Clock
	Group   *netpoll.Group
	From    netip.Addr // the address from which peers connect
	drivers []*driver
	random  *rand.Rand
	dialled int

	// Torn is how many in a hundred reads bring only a few of the bytes that have arrived.
	Torn int

	// Rung, if set, is called when a reactor is asked for a turn. On real threads a reactor may turn before the call that
	// has rung returns; a test can make that happen here.
	Rung func()
}

// New makes a world with a group of these options, except for their clock, which is the world's.
func New(o netpoll.Options, seed uint64) (*World, error) {
	w := Start(seed)
	o.Now = w.Now
	g, err := netpoll.NewGroup(o)
	if err != nil {
		return nil, err
	}
	w.Adopt(g)
	return w, nil
}

// Start makes a world without a group. The caller makes one with Now as its clock, and passes it to Adopt.
func Start(seed uint64) *World {
	return &World{
		From:   netip.MustParseAddr("192.0.2.1"),
		random: rand.New(rand.NewPCG(seed, seed)),
	}
}

// Adopt attaches the world's drivers to the group's reactors.
func (w *World) Adopt(g *netpoll.Group) {
	w.Group = g
	for i := range g.Reactors() {
		d := &driver{world: w}
		d.reactor = g.Attach(i, d)
		w.drivers = append(w.drivers, d)
	}
}

// SetWall moves the date by d and lets the ticker tick. The monotonic clock stands still, as it does while a host is
// suspended, and when an administrator sets the clock.
func (w *World) SetWall(d time.Duration) {
	w.ShiftDate(d)
	w.Group.Tick()
}

// Dial opens a connection to the next reactor in turn.
func (w *World) Dial() *Peer {
	d := w.drivers[w.dialled%len(w.drivers)]
	w.dialled++
	return w.dial(d)
}

// DialTo opens a connection to the given reactor.
func (w *World) DialTo(reactor int) *Peer { return w.dial(w.drivers[reactor]) }

// DialBroken opens a connection that breaks with the server's first write.
func (w *World) DialBroken() *Peer {
	p := &Peer{From: w.From, Window: Unlimited, FailAt: 1}
	w.Connect(0, p)
	return p
}

func (w *World) dial(d *driver) *Peer {
	p := &Peer{From: w.From, Window: Unlimited}
	w.connect(d, p)
	return p
}

// Connect opens a connection to the given reactor for a peer that the caller has made.
func (w *World) Connect(reactor int, p *Peer) { w.connect(w.drivers[reactor], p) }

func (w *World) connect(d *driver, p *Peer) {
	p.driver, p.world = d, w
	if !d.reactor.Open(p) {
		p.Closed = true
	}
}

// Settle lets the reactors read and turn, in an order that the seed decides, until none is ready for anything.
func (w *World) Settle() {
	for w.Step() {
	}
}

// Step lets one reactor, which the seed chooses, do one thing that it is ready for: a read, or a turn. It returns false if no
// reactor was ready. A reactor becomes ready for things in the order in which epoll would report them, so a turn comes after
// the reads of all bytes that had arrived when it was asked for.
func (w *World) Step() bool {
	var ready []*driver
	for _, d := range w.drivers {
		if d.alarm != 0 && d.alarm <= w.passed {
			d.alarm = 0
			d.reactor.Wake()
		}
		if d.isReady() {
			ready = append(ready, d)
		}
	}
	if len(ready) == 0 {
		return false
	}
	d := ready[w.random.IntN(len(ready))]
	if p := d.next(); p != nil {
		p.ready = false
		p.read()
	} else {
		d.reactor.Turn()
	}
	return true
}

// Advance moves the clock by d, a tick at a time, and settles after each tick. In between it stops at the moments for which
// reactors want a turn.
func (w *World) Advance(d time.Duration) {
	for end := w.passed + d; w.passed < end; {
		tick := min(w.passed+netpoll.TickLength, end)
		for alarm := w.nextAlarm(); alarm != 0 && alarm < tick; alarm = w.nextAlarm() {
			w.Pass(alarm - w.passed)
			w.Settle()
		}
		w.Jump(tick - w.passed)
	}
}

// Jump moves the clock in one step, and settles.
func (w *World) Jump(d time.Duration) {
	w.Stop(d)
	w.Settle()
}

// Stop moves the clock in one step, as a process sees it that was stopped, and lets the ticker tick.
func (w *World) Stop(d time.Duration) {
	w.Pass(d)
	w.Group.Tick()
}

// driver is a reactor's event loop in the simulated world.
type driver struct {
	world   *World
	reactor *netpoll.Reactor
	alarm   time.Duration // the clock's reading at which the reactor is woken; 0: it is not

	mu    sync.Mutex // another goroutine than the world's may ring
	ready []*Peer    // connections to read from, in order; nil is a turn
	rung  bool
}

func (d *driver) isReady() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.ready) > 0
}

// next takes the first thing that the reactor is ready for: a connection to read from, or nil for a turn.
func (d *driver) next() *Peer {
	d.mu.Lock()
	defer d.mu.Unlock()
	p := d.ready[0]
	if d.ready = d.ready[1:]; len(d.ready) == 0 {
		d.ready = nil
	}
	if p == nil {
		d.rung = false
	}
	return p
}

// add notes that the reactor is ready to read from a connection.
func (d *driver) add(p *Peer) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ready = append(d.ready, p)
}

// Ring asks for a turn.
func (d *driver) Ring() {
	d.mu.Lock()
	if !d.rung {
		d.rung = true
		d.ready = append(d.ready, nil)
	}
	d.mu.Unlock()
	if d.world.Rung != nil {
		d.world.Rung()
	}
}

// WakeAfter notes when to wake the reactor.
func (d *driver) WakeAfter(after time.Duration) { d.alarm = d.world.passed + after }

// nextAlarm returns the clock's reading at which the next reactor is woken, or 0 if none is to be.
func (w *World) nextAlarm() (next time.Duration) {
	for _, d := range w.drivers {
		if d.alarm != 0 && (next == 0 || d.alarm < next) {
			next = d.alarm
		}
	}
	return next
}

// Write takes nothing, so that all bytes go to the simulated socket.
func (d *driver) Write(int32, []byte) int { return 0 }

// Close closes the server's end of a connection.
func (d *driver) Close(s netpoll.Socket) { s.(*Peer).lose(nil) }

// CloseWrite sends the peer a FIN.
func (d *driver) CloseWrite(s netpoll.Socket) { s.(*Peer).EOF = true }
