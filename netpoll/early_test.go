package netpoll

import (
	"bufio"
	"context"
	"log/slog"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/panjf2000/gnet/v2"
)

func TestEarlyKeepsConnectionsUntilTheirLoopTakesThem(t *testing.T) {
	var e early
	loops := [2]*eventLoop{{}, {}}
	a, b, c := &accepted{loop: loops[0]}, &accepted{loop: loops[1]}, &accepted{loop: loops[0]}
	for _, conn := range []gnet.Conn{a, b, c} {
		if !e.keep(conn) {
			t.Fatal("an early connection is not kept")
		}
	}
	e.forget(c)
	e.end()
	if e.keep(c) {
		t.Error("a connection is kept that no loop will take")
	}
	for loop, want := range [2]gnet.Conn{a, b} {
		if taken := e.take(loops[loop]); !slices.Equal(taken, []gnet.Conn{want}) {
			t.Errorf("loop %d took %d connections, want its own", loop, len(taken))
		}
	}
	if len(e.conns) != 0 {
		t.Errorf("%d connections are left", len(e.conns))
	}
}

// echoHandler sends everything back.
type echoHandler struct{ idleHandler }

func (echoHandler) Data(c *Conn, b []byte) { c.Send(b) }

// TestEarlyClientsAreServed has clients connect and send as soon as the kernel lets them, before any loop has its reactor.
// They are served and counted all the same. One that leaves meanwhile leaves nothing over.
func TestEarlyClientsAreServed(t *testing.T) {
	g, err := NewGroup(Options{
		Reactors: 3, MaxSockets: 100, Outbound: DefaultOutbound, Now: time.Now, Log: slog.New(slog.DiscardHandler),
		NewHandler: func(*Reactor) Handler { return echoHandler{} },
	})
	if err != nil {
		t.Fatal(err)
	}
	l, err := listen(g, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	engine := <-l.events.booted
	var conns []net.Conn
	for range 20 {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_ = c.SetDeadline(time.Now().Add(30 * time.Second))
		if _, err := c.Write([]byte("early\n")); err != nil {
			t.Fatal(err)
		}
		conns = append(conns, c)
	}
	conns[0].Close()
	if g.Open() != 0 {
		t.Errorf("%d connections are open without a reactor", g.Open())
	}
	l.events.booted <- engine
	if err := l.start(); err != nil {
		t.Fatal(err)
	}
	for _, c := range conns[1:] {
		if line, err := bufio.NewReader(c).ReadString('\n'); line != "early\n" {
			t.Fatalf("%q, %v", line, err)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := l.Stop(ctx); err != nil {
		t.Error(err)
	}
	if g.Open() != 0 || len(l.events.early.conns) != 0 {
		t.Errorf("%d connections are open after the end, %d wait", g.Open(), len(l.events.early.conns))
	}
}
