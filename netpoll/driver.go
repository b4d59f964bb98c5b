package netpoll

import (
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
	drivers  []*gnetDriver
	booted   chan gnet.Engine // told when gnet has its loops
	engine   gnet.Engine
	firstRun sync.Once
	bells    sync.WaitGroup // doorbells that have not opened yet
	up       atomic.Bool    // every loop has its reactor
}

// OnBoot keeps the engine; its loops do not exist yet.
func (e *events) OnBoot(engine gnet.Engine) gnet.Action {
	e.engine = engine
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
	if !e.up.Load() || !e.open(c) {
		return nil, gnet.Close // the node is not up, or has no slot left
	}
	return nil, gnet.None
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
	b, _ := c.Next(-1)
	switch owner := c.Context().(type) {
	case *Conn:
		owner.reactor.Data(owner, b)
	case *gnetDriver:
		owner.reactor.Turn()
	}
	return gnet.None
}

// OnClose forgets the gnet connection first of all: its descriptor may be somebody else's a moment later.
func (e *events) OnClose(c gnet.Conn, cause error) gnet.Action {
	if conn, ok := c.Context().(*Conn); ok {
		conn.reactor.Lost(conn, cause)
	}
	return gnet.None
}
