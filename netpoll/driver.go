package netpoll

import (
	"context"
	"fmt"
	"net"
	"runtime"
	"sync"
	"time"

	"github.com/panjf2000/gnet/v2"
	"golang.org/x/sys/unix"

	"momentum/internal/alarm"
)

// gnetDriver runs one reactor on one gnet event loop.
type gnetDriver struct {
	reactor   *Reactor
	loop      gnet.EventLoop // set when the doorbell opens on it, before any connection is opened
	bell      doorbell
	alarm     *alarm.Alarm
	slice     slice
	tookEarly bool // the reactor has the connections that were accepted early; belongs to the loop
}

// install registers the doorbell with the next of the engine's loops, and makes the alarm.
func (d *gnetDriver) install(engine gnet.Engine) (err error) {
	ctx := gnet.NewContext(context.Background(), d)
	err = d.bell.install([2]register{
		func(far net.Conn) (<-chan gnet.RegisteredResult, error) {
			return engine.Register(gnet.NewNetConnContext(ctx, far))
		},
		func(far net.Conn) (<-chan gnet.RegisteredResult, error) {
			return d.loop.Enroll(ctx, far) // the first one has found the loop
		},
	})
	if err != nil {
		return fmt.Errorf("cannot install a doorbell: %w", err)
	}
	d.alarm, err = alarm.New(d.reactor.Wake)
	return err
}

// Ring rings the doorbell, whose far end is a connection on the loop.
func (d *gnetDriver) Ring() { d.bell.ring() }

// WakeAfter sets the reactor's alarm, which rings the doorbell.
func (d *gnetDriver) WakeAfter(after time.Duration) { d.alarm.Set(after) }

// Write bypasses gnet, and does not tell Go's scheduler of the system call.
func (d *gnetDriver) Write(fd int32, b []byte) int { return writeRaw(int(fd), b) }

// Close closes at once; gnet's Conn.Close would only queue it.
func (d *gnetDriver) Close(s Socket) { _ = d.loop.Close(s.(gnet.Conn)) }

// CloseWrite sends the FIN after all that was written.
func (d *gnetDriver) CloseWrite(s Socket) { _ = unix.Shutdown(s.(gnet.Conn).Fd(), unix.SHUT_WR) }

// takeEarly opens the loop's connections that were accepted early, and delivers the bytes that they have sent.
func (d *gnetDriver) takeEarly(e *early) {
	d.tookEarly = true
	for _, c := range e.take(d.loop) {
		b, _ := c.Next(-1)
		if !d.reactor.Open(c) {
			d.Close(c)
		} else if conn, ok := c.Context().(*Conn); ok && len(b) > 0 {
			d.reactor.Data(conn, b)
		}
	}
}

// events translates gnet's callbacks to the reactors. All loops share it.
type events struct {
	gnet.BuiltinEventEngine
	group    *Group
	port     *claim // held until gnet listens
	drivers  []*gnetDriver
	booted   chan gnet.Engine // receives the engine when it has its loops
	engine   gnet.Engine
	firstRun sync.Once
	bells    sync.WaitGroup // doorbells that have not opened yet
	early    early
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
	if e.early.over.Load() {
		e.group.Tick()
	}
	return TickLength, gnet.None
}

// start lets the reactors take connections, beginning with those that were accepted early.
func (e *events) start() {
	e.early.end()
	for _, d := range e.drivers {
		d.reactor.rung.Store(true) // what was posted before is handled in this turn
		d.Ring()
	}
}

// OnOpen gives a new connection to the reactor of its loop.
func (e *events) OnOpen(c gnet.Conn) ([]byte, gnet.Action) {
	if d, ok := c.Context().(*gnetDriver); ok {
		d.loop = c.EventLoop()
		e.bells.Done()
		return nil, gnet.None
	}
	if !e.early.over.Load() && e.early.keep(c) || e.open(c) {
		return nil, gnet.None
	}
	return nil, gnet.Close // no slot is left
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

// OnTraffic delivers everything that one read brought; nothing is left in gnet's buffer, except for early connections.
func (e *events) OnTraffic(c gnet.Conn) gnet.Action {
	switch owner := c.Context().(type) {
	case *Conn:
		b, _ := c.Next(-1)
		reactor := owner.reactor // the connection has none after its end
		reactor.Data(owner, b)
		if reactor.TakeYield() {
			runtime.Gosched()
		}
	case *gnetDriver:
		_, _ = c.Next(-1)
		owner.reactor.Turn()
		owner.slice.endIfLong(owner.reactor.Moment())
		if !owner.tookEarly && e.early.over.Load() { // after the turn, so that the bell can be rung again
			owner.takeEarly(&e.early)
		}
	}
	return gnet.None
}

// OnClose separates the connection from gnet's before anything else: a moment later its descriptor may belong to another.
func (e *events) OnClose(c gnet.Conn, cause error) gnet.Action {
	switch owner := c.Context().(type) {
	case *Conn:
		owner.reactor.Lost(owner, cause)
	case nil:
		e.early.forget(c)
	}
	return gnet.None
}
