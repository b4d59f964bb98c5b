package admin

import (
	"net"
	"sync"
)

// Handoff is a net.Listener of connections that were accepted elsewhere.
type Handoff struct {
	addr  net.Addr
	queue chan net.Conn

	mu     sync.Mutex // held from the check of closed to the send: a connection queued after Close would never be closed
	closed bool
}

// ConnListener returns a Handoff in which up to capacity connections may wait.
func ConnListener(addr net.Addr, capacity int) *Handoff {
	return &Handoff{addr: addr, queue: make(chan net.Conn, capacity)}
}

// Offer hands a connection over, and closed is called once when it has closed. If too many connections wait or the
// Handoff has closed, Offer returns false: the caller keeps the connection, and closed is not called. It does not block, so
// a reactor may call it.
func (h *Handoff) Offer(c net.Conn, closed func()) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return false
	}
	select {
	case h.queue <- &counted{Conn: c, closed: sync.OnceFunc(closed)}:
		return true
	default:
		return false
	}
}

// Accept returns the next connection, or net.ErrClosed.
func (h *Handoff) Accept() (net.Conn, error) {
	c, open := <-h.queue
	if !open {
		return nil, net.ErrClosed
	}
	return c, nil
}

// Close ends Accept and closes the connections that wait.
func (h *Handoff) Close() error {
	h.mu.Lock()
	if !h.closed {
		h.closed = true
		close(h.queue)
	}
	h.mu.Unlock()
	for c := range h.queue {
		c.Close()
	}
	return nil
}

// counted is a connection that reports its end.
type counted struct {
	net.Conn
	closed func()
}

// Close closes the connection and reports it.
func (c *counted) Close() error {
	defer c.closed()
	return c.Conn.Close()
}

// Proxied marks a connection by which a proxy speaks for another client, although its requests may not say so: none
// of them is local, whatever the addresses at its ends are.
func Proxied(c net.Conn) net.Conn { return proxied{c} }

type proxied struct{ net.Conn }

// RemoteAddr returns the proxy's address, marked. A listener that wraps the connection passes the mark on.
func (p proxied) RemoteAddr() net.Addr {
	if peer := p.Conn.RemoteAddr(); peer != nil {
		return proxyAddr{peer.String()}
	}
	return proxyAddr{"a peer that has gone"} // the kernel names no address for a socket that was reset
}

type proxyAddr struct{ peer string }

// Network returns "tcp".
func (a proxyAddr) Network() string { return "tcp" }

// String returns text that is no address, so that nothing takes it for a loopback address.
func (a proxyAddr) String() string { return "proxy at " + a.peer }

// Addr returns the address that the connections were accepted on, marked as that of handed-over connections.
func (h *Handoff) Addr() net.Addr { return handedOver{h.addr} }

type handedOver struct{ net.Addr }

// handedOverKey is the key that marks a request of a handed-over connection in its context.
type handedOverKey struct{}
