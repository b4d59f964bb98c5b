package netpoll

import (
	"bufio"
	"context"
	"log/slog"
	"net"
	"testing"
	"time"
)

// echoHandler sends everything back.
type echoHandler struct{ idleHandler }

func (echoHandler) Data(c *Conn, b []byte) { c.Send(b) }

// TestEarlyConnectionsAreTaken has clients connect and speak as soon as the kernel lets them, before any loop has its
// reactor: they are served all the same, and counted, and one that leaves meanwhile leaves nothing behind.
func TestEarlyConnectionsAreTaken(t *testing.T) {
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
		t.Errorf("%d are open with nobody to take them", g.Open())
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
		t.Errorf("%d are open behind the end, %d wait", g.Open(), len(l.events.early.conns))
	}
}
