package netpoll

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/panjf2000/gnet/v2"
	"golang.org/x/sys/unix"
)

// gnetDriver runs one reactor on one gnet event loop.
type gnetDriver struct {
	reactor *Reactor
	loop    gnet.EventLoop // set when the doorbell opens on it, before any connection is taken
	bell    doorbell
	up      bool // those that came early have been taken; the loop's
}

// Ring rings the doorbell, whose other end is a connection on the loop.
func (d *gnetDriver) Ring() { d.bell.ring() }

// Write does not tell gnet, nor Go's scheduler.
func (d *gnetDriver) Write(fd int32, b []byte) int { return writeRaw(int(fd), b) }

// Close closes at once; gnet's Conn.Close would only queue it.
func (d *gnetDriver) Close(s Socket) { _ = d.loop.Close(s.(gnet.Conn)) }

// CloseWrite sends the FIN behind all that was written.
func (d *gnetDriver) CloseWrite(s Socket) { _ = unix.Shutdown(s.(gnet.Conn).Fd(), unix.SHUT_WR) }

// events translates gnet's callbacks to the reactors. All loops share it.
type events struct {
	gnet.BuiltinEventEngine
	group    *Group
	port     *claim // held until gnet listens
	drivers  []*gnetDriver
	booted   chan gnet.Engine // told when gnet has its loops
	engine   gnet.Engine
	firstRun sync.Once
	bells    sync.WaitGroup // doorbells that have not opened yet
	up       atomic.Bool    // every loop has its reactor
	early    early
}

// early is the connections that came before: the kernel takes them as soon as gnet listens. They wait, for some
// milliseconds, in gnet's hands.
type early struct {
	mu    sync.Mutex
	conns []gnet.Conn
}

// OnBoot keeps the engine. gnet has one listener by now, which holds the port from here on; its loops do not exist yet.
func (e *events) OnBoot(engine gnet.Engine) gnet.Action {
	e.engine = engine
	e.port.release()
	return gnet.None
}

// OnTick is the node's one ticker. gnet calls it on a goroutine of its own, first when the loops run.
func (e *events) OnTick() (time.Duration, gnet.Action) {
	e.firstRun.Do(func() { e.booted <- e.engine })
	if e.up.Load() {
		e.group.Tick()
	}
	return TickLength, gnet.None
}

// OnOpen gives a new connection to the reactor of its loop.
func (e *events) OnOpen(c gnet.Conn) ([]byte, gnet.Action) {
	if d, ok := c.Context().(*gnetDriver); ok {
		d.loop = c.EventLoop()
		e.bells.Done()
		return nil, gnet.None
	}
	if !e.up.Load() && e.wait(c) {
		return nil, gnet.None
	}
	if !e.open(c) {
		return nil, gnet.Close // no slot is left
	}
	return nil, gnet.None
}

// wait keeps a connection that came early, unless it has come just behind.
func (e *events) wait(c gnet.Conn) bool {
	e.early.mu.Lock()
	defer e.early.mu.Unlock()
	if e.up.Load() {
		return false
	}
	e.early.conns = append(e.early.conns, c)
	return true
}

// goUp lets connections in, and has each loop take those of its own that came early.
func (e *events) goUp() {
	e.early.mu.Lock()
	e.up.Store(true)
	e.early.mu.Unlock()
	for _, d := range e.drivers {
		d.reactor.Wake()
	}
}

// takeEarly opens the loop's connections that came early, and delivers what they have sent.
func (e *events) takeEarly(d *gnetDriver) {
	d.up = true
	e.early.mu.Lock()
	var mine []gnet.Conn
	e.early.conns = slices.DeleteFunc(e.early.conns, func(c gnet.Conn) bool {
		if c.EventLoop() == d.loop {
			mine = append(mine, c)
			return true
		}
		return false
	})
	e.early.mu.Unlock()
	for _, c := range mine {
		b, _ := c.Next(-1)
		if !d.reactor.Open(c) {
			d.Close(c)
		} else if conn, ok := c.Context().(*Conn); ok && len(b) > 0 {
			d.reactor.Data(conn, b)
		}
	}
}

// forget drops one that came early and did not wait.
func (e *events) forget(c gnet.Conn) {
	e.early.mu.Lock()
	defer e.early.mu.Unlock()
	e.early.conns = slices.DeleteFunc(e.early.conns, func(other gnet.Conn) bool { return other == c })
}

// open finds the loop's reactor. Loops cannot be listed, but there are few and each has an identity.
func (e *events) open(c gnet.Conn) bool {
	loop := c.EventLoop()
	for _, d := range e.drivers {
		if d.loop == loop {
			return d.reactor.Open(c)
		}
	}
	return false
}

// OnTraffic delivers everything that one read brought; nothing is left in gnet's buffer.
func (e *events) OnTraffic(c gnet.Conn) gnet.Action {
	switch owner := c.Context().(type) {
	case *Conn:
		b, _ := c.Next(-1)
		owner.reactor.Data(owner, b)
	case *gnetDriver:
		_, _ = c.Next(-1)
		owner.reactor.Turn()
		if !owner.up && e.up.Load() { // behind the turn, which lets the bell be rung again
			e.takeEarly(owner)
		}
	}
	return gnet.None // what comes early stays in gnet's buffer
}

// OnClose forgets the gnet connection first of all: its descriptor may be somebody else's a moment later.
func (e *events) OnClose(c gnet.Conn, cause error) gnet.Action {
	switch owner := c.Context().(type) {
	case *Conn:
		owner.reactor.Lost(owner, cause)
	case nil:
		e.forget(c)
	}
	return gnet.None
}
