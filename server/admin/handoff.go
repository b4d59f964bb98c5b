package admin

import (
	"net"
	"sync"
)

// Handoff is a net.Listener of connections that somebody else has accepted.
type Handoff struct {
	addr   net.Addr
	queue  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

// ConnListener returns a Handoff in which up to capacity connections may wait.
func ConnListener(addr net.Addr, capacity int) *Handoff {
	return &Handoff{addr: addr, queue: make(chan net.Conn, capacity), closed: make(chan struct{})}
}

// Offer hands a connection over, or says false when too many wait or nobody listens any more; the connection
// is then still the caller's. It never blocks.
func (h *Handoff) Offer(c net.Conn) bool {
	select {
	case <-h.closed:
		return false
	default:
	}
	select {
	case h.queue <- c:
		return true
	default:
		return false
	}
}

// Accept returns the next connection, or net.ErrClosed.
func (h *Handoff) Accept() (net.Conn, error) {
	select {
	case c := <-h.queue:
		return c, nil
	case <-h.closed:
		return nil, net.ErrClosed
	}
}

// Close ends Accept and closes what still waits.
func (h *Handoff) Close() error {
	h.once.Do(func() { close(h.closed) })
	for {
		select {
		case c := <-h.queue:
			c.Close()
		default:
			return nil
		}
	}
}

// Addr returns the address the connections came to.
func (h *Handoff) Addr() net.Addr { return h.addr }
