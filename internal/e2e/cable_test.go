package e2e

import (
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// cable is a TCP relay to a server, whose connections can be cut, or become deaf.
type cable struct {
	addr   string
	refuse atomic.Bool // new connections end at once
	mu     sync.Mutex
	wires  []*wire
}

// wire is one connection through a cable.
type wire struct {
	near, far net.Conn
	deaf      atomic.Bool // it passes nothing on, and does not end
}

func newCable(t *testing.T, to string) *cable {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cable{addr: l.Addr().String()}
	t.Cleanup(func() {
		l.Close()
		c.cut()
	})
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			if c.refuse.Load() {
				near.Close()
				continue
			}
			far, err := net.Dial("tcp", to)
			if err != nil {
				near.Close()
				continue
			}
			c.join(&wire{near: near, far: far})
		}
	}()
	return c
}

func (c *cable) join(w *wire) {
	c.mu.Lock()
	c.wires = append(c.wires, w)
	c.mu.Unlock()
	go w.pass(w.near, w.far)
	go w.pass(w.far, w.near)
}

func (w *wire) pass(to, from net.Conn) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if !w.deaf.Load() {
			_, _ = to.Write(buffer[:n]) // the next read fails if this does
		}
		if err != nil {
			if !w.deaf.Load() {
				to.Close()
			}
			return
		}
	}
}

// cut ends all connections.
func (c *cable) cut() {
	c.each(func(w *wire) {
		w.near.Close()
		w.far.Close()
	})
}

// deafen has all connections pass nothing on from now on, as those of a host do whose network has changed while it slept.
func (c *cable) deafen() { c.each(func(w *wire) { w.deaf.Store(true) }) }

func (c *cable) each(act func(*wire)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, w := range c.wires {
		act(w)
	}
}
