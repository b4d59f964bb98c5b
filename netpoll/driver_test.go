package netpoll

import (
	"context"
	"log/slog"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/panjf2000/gnet/v2"
)

// eventLoop is a loop that is told from others by its address.
type eventLoop struct {
	gnet.EventLoop
	closed []gnet.Conn
}

func (l *eventLoop) Close(c gnet.Conn) error {
	l.closed = append(l.closed, c)
	return nil
}

// accepted is a gnet connection that has brought some bytes.
type accepted struct {
	gnet.Conn
	loop    *eventLoop
	inbound []byte
	context any
}

func (c *accepted) EventLoop() gnet.EventLoop { return c.loop }
func (c *accepted) Context() any              { return c.context }
func (c *accepted) SetContext(context any)    { c.context = context }
func (c *accepted) Fd() int                   { return -1 }

func (c *accepted) Next(int) ([]byte, error) {
	b := c.inbound
	c.inbound = nil
	return b, nil
}

// reader is a handler that notes what it reads.
type reader struct {
	idleHandler
	read []string
	then func() // if set
}

func (r *reader) Data(_ *Conn, b []byte) {
	if r.read = append(r.read, string(b)); r.then != nil {
		r.then()
	}
}

// twoLoops makes the events of two reactors on two loops.
func twoLoops(t *testing.T) (e *events, handlers [2]*reader, loops [2]*eventLoop) {
	t.Helper()
	g, _ := idleGroup(t, 2, func(o *Options) {
		o.NewHandler = func(r *Reactor) Handler {
			handlers[r.Index()] = &reader{}
			return handlers[r.Index()]
		}
	})
	e = &events{group: g}
	for i, r := range g.reactors {
		loops[i] = &eventLoop{}
		e.drivers = append(e.drivers, &gnetDriver{reactor: r, loop: loops[i]})
	}
	return e, handlers, loops
}

// TestEarlyConnectionsAreOpenedByTheFirstTurnOfTheirLoop, with the bytes that they have sent by then.
func TestEarlyConnectionsAreOpenedByTheFirstTurnOfTheirLoop(t *testing.T) {
	e, handlers, loops := twoLoops(t)
	for i, loop := range []int{0, 1, 1} {
		e.OnOpen(&accepted{loop: loops[loop], inbound: []byte{'a' + byte(i)}})
	}
	left := &accepted{loop: loops[1]}
	e.OnOpen(left)
	e.OnClose(left, nil)
	bell := func(i int) *accepted {
		return &accepted{loop: loops[i], inbound: []byte("dingding"), context: e.drivers[i]}
	}
	e.OnTraffic(bell(1))
	if e.group.Open() != 0 {
		t.Fatalf("%d connections are open before all loops have their reactors", e.group.Open())
	}
	e.early.end()
	e.OnTraffic(bell(1))
	e.OnTraffic(bell(1))
	if want := []string{"b", "c"}; !slices.Equal(handlers[1].read, want) || handlers[0].read != nil || e.group.Open() != 2 {
		t.Errorf("the loop's reactor read %q, want %q; the other one %q", handlers[1].read, want, handlers[0].read)
	}
	e.OnTraffic(bell(0))
	if want := []string{"a"}; !slices.Equal(handlers[0].read, want) || e.group.Open() != 3 {
		t.Errorf("the other loop's reactor read %q, want %q", handlers[0].read, want)
	}
}

// TestNothingIsLeftInGnetsBuffer: it would grow with each read of a connection, and with each ring of a doorbell.
func TestNothingIsLeftInGnetsBuffer(t *testing.T) {
	e, handlers, loops := twoLoops(t)
	e.early.end()
	c := &accepted{loop: loops[0]}
	e.OnOpen(c)
	c.inbound = []byte("hello")
	bell := &accepted{loop: loops[0], inbound: []byte("ding"), context: e.drivers[0]}
	e.OnTraffic(c)
	e.OnTraffic(bell)
	if c.inbound != nil || bell.inbound != nil || !slices.Equal(handlers[0].read, []string{"hello"}) {
		t.Errorf("%q and %q are left, read %q", c.inbound, bell.inbound, handlers[0].read)
	}
}

// TestAConnectionWithoutASlotIsClosed whether it comes early or not.
func TestAConnectionWithoutASlotIsClosed(t *testing.T) {
	e, _, loops := twoLoops(t)
	full := &e.drivers[0].reactor.slab
	full.chunks = make([][]Conn, maxSlots/chunkSlots)
	early, late := &accepted{loop: loops[0]}, &accepted{loop: loops[0]}
	if _, action := e.OnOpen(early); action != gnet.None {
		t.Error("an early connection did not wait")
	}
	e.early.end()
	e.drivers[0].takeEarly(&e.early)
	if !slices.Equal(loops[0].closed, []gnet.Conn{early}) {
		t.Errorf("the early connection was not closed: %v", loops[0].closed)
	}
	if _, action := e.OnOpen(late); action != gnet.Close {
		t.Errorf("the later connection: action %v, want close", action)
	}
}

// TestTheTickerWaitsForTheReactors: until they all have a doorbell they cannot be woken.
func TestTheTickerWaitsForTheReactors(t *testing.T) {
	e, _, _ := twoLoops(t)
	e.booted = make(chan gnet.Engine, 1)
	for range 2 {
		if delay, action := e.OnTick(); delay != TickLength || action != gnet.None {
			t.Errorf("the next tick is in %v, action %v", delay, action)
		}
	}
	if len(e.booted) != 1 || e.group.reactors[0].rung.Load() {
		t.Errorf("%d engines reported, woken %v", len(e.booted), e.group.reactors[0].rung.Load())
	}
	e.early.end()
	e.OnTick()
	if !e.group.reactors[0].rung.Load() {
		t.Error("a tick woke nobody")
	}
}

// TestLoopsThatEndByThemselvesAreReported: gnet has no error for that.
func TestLoopsThatEndByThemselvesAreReported(t *testing.T) {
	g, err := NewGroup(Options{
		Reactors: 1, MaxSockets: 100, Outbound: DefaultOutbound, Now: time.Now, Log: slog.New(slog.DiscardHandler),
		NewHandler: func(*Reactor) Handler { return idleHandler{} },
	})
	if err != nil {
		t.Fatal(err)
	}
	l, err := Serve(g, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := l.events.engine.Stop(ctx); err != nil {
		t.Fatal(err)
	}
	select {
	case <-l.Ended():
	case <-ctx.Done():
		t.Fatal("the end is not reported")
	}
	if err := l.Err(); err != errEnded {
		t.Errorf("ended with %v", err)
	}
	if err := l.Stop(ctx); err != nil {
		t.Errorf("stopping it then: %v", err)
	}
}

// TestAfterAReadOthersRunIfTheHandlerWantsIt has one processor. Each read ends its connection, which then has no reactor. Go's
// scheduler may choose the same goroutine again, but not each time.
func TestAfterAReadOthersRunIfTheHandlerWantsIt(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	e, handlers, loops := twoLoops(t)
	e.early.end()
	var ran atomic.Bool
	var c *accepted
	handlers[0].then = func() {
		e.drivers[0].reactor.WantYield()
		e.OnClose(c, nil)
	}
	go ran.Store(true)
	for !ran.Load() {
		if len(handlers[0].read) > 200 {
			t.Fatal("no other goroutine has run after 200 reads")
		}
		c = &accepted{loop: loops[0]}
		e.OnOpen(c)
		c.inbound = []byte("x")
		e.OnTraffic(c)
	}
}
