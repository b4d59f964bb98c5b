package e2e

import (
	"io"
	"net"
	"sync"
	"testing"
)

// cable is a TCP relay to a server, whose connections can be cut.
type cable struct {
	addr  string
	mu    sync.Mutex
	conns []net.Conn
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
			far, err := net.Dial("tcp", to)
			if err != nil {
				near.Close()
				continue
			}
			c.join(near, far)
		}
	}()
	return c
}

func (c *cable) join(near, far net.Conn) {
	c.mu.Lock()
	c.conns = append(c.conns, near, far)
	c.mu.Unlock()
	pass := func(to, from net.Conn) {
		_, _ = io.Copy(to, from)
		to.Close()
	}
	go pass(near, far)
	go pass(far, near)
}

// cut ends all connections.
func (c *cable) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.conns {
		conn.Close()
	}
	c.conns = nil
}
