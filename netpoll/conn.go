package netpoll

import (
	"net"
	"net/netip"
)

// Socket is the part of gnet.Conn that a reactor needs; netpolltest simulates it. A Write either takes all of p (into the
// kernel or a buffer) or ends the connection.
type Socket interface {
	Write(p []byte) (int, error)
	OutboundBuffered() int // bytes taken but not yet in the kernel
	Fd() int
	Dup() (fd int, err error)
	SetContext(any) // the driver finds the Conn by it
	RemoteAddr() net.Addr
}

type connState uint8

const (
	stateFree      connState = iota // the slot is not in use
	stateOpen                       // bytes flow both ways
	stateFlushing                   // Finish was called; queued bytes are still being written
	stateLingering                  // the write side is shut; bytes that arrive are thrown away
	stateGone                       // the socket has closed; the slot is released when the turn settles
)

// Conn is one connection. It belongs to its reactor's goroutine, and its methods may be called only there; other goroutines
// hold a Handle. It is kept by value in a slab, and a test limits its size, because the memory of an idle node is mostly
// connections.
type Conn struct {
	sock    Socket // nil once the socket has closed
	reactor *Reactor

	slot uint32
	gen  uint32
	fd   int32 // the socket's, kept here so that a write does not touch the socket, which lies elsewhere in memory

	// These belong to the wheel. Links hold slot+1, so that zero means none.
	deadline   uint32
	next, prev uint32
	bucket     uint16
	armed      bool

	state    connState
	aborting bool // Abort was called
	backlog  bool // in the reactor's list of connections with bytes queued
	slow     bool // exceeded an outbound limit; the handler's Slow is called when the turn settles
	refused  bool // above the socket limit: it only gets the refusal, and the handler is not called for it

	queued uint32 // bytes that the reactor's sum has for it: those that were queued when it was looked at last
	// since is a tick. Open: from it on more than the soft limit has been queued; 0 if it has not. Flushing: the flush began.
	since uint32
}

// lost is a connection whose socket has closed, and why.
type lost struct {
	c     *Conn
	cause error
}

// Handle returns the connection's name for other goroutines.
func (c *Conn) Handle() Handle { return newHandle(c.reactor.index, c.slot, c.gen) }

// Slot returns the connection's index in its reactor, for state kept beside it.
func (c *Conn) Slot() uint32 { return c.slot }

// Peer returns the address that the socket is connected to, without a zone, IPv4 as IPv4. It is not valid once the socket
// has closed. The driver keeps the address, so a Conn needs no memory for it.
func (c *Conn) Peer() netip.Addr {
	if c.sock == nil {
		return netip.Addr{}
	}
	tcp, ok := c.sock.RemoteAddr().(*net.TCPAddr)
	if !ok {
		return netip.Addr{}
	}
	addr, _ := netip.AddrFromSlice(tcp.IP)
	return addr.Unmap()
}

// SetLocal keeps a value for the handler, which finds it with each connection of the reactor.
func (r *Reactor) SetLocal(value any) { r.local = value }

// Local returns the value that the handler keeps with the connection's reactor.
func (c *Conn) Local() any { return c.reactor.local }

// SetDeadline sets the connection's one deadline, in ticks from now. It replaces any earlier one.
func (c *Conn) SetDeadline(ticks uint32) {
	if c.state == stateOpen {
		c.reactor.wheel.arm(c, c.reactor.tick+ticks)
	}
}

// Finish ends the connection in order: queued bytes are flushed, the write side is shut, and bytes that the peer still sends
// are drained, each within a time limit. The handler receives no more data. Nothing happens before the turn settles, so a
// handler may call it from any of its methods.
func (c *Conn) Finish() {
	if c.state != stateOpen {
		return
	}
	c.state = stateFlushing
	c.since = c.reactor.tick
	c.look()
	c.reactor.wheel.arm(c, c.reactor.tick+FlushTicks)
	c.reactor.ending = append(c.reactor.ending, c)
}

// Close ends a connection whose peer sends no more and only waits for the answer. It closes the socket when the turn settles: unlike Finish, it need
// not wait until the peer has closed, which costs two system calls and an event. It is Finish if bytes are queued. A peer that sends more
// after all is answered with a reset, and may lose the answer.
func (c *Conn) Close() {
	if c.state == stateOpen && c.sock.OutboundBuffered() > 0 {
		c.Finish()
		return
	}
	c.Abort()
}

// Abort closes the socket when the turn settles. Bytes that are still queued are lost.
func (c *Conn) Abort() {
	if c.state == stateGone || c.aborting {
		return
	}
	c.aborting = true
	c.reactor.ending = append(c.reactor.ending, c)
}

// Dup duplicates the descriptor for another owner. An Abort after it leaves the duplicate's socket open.
func (c *Conn) Dup() (fd int, err error) {
	if c.state != stateOpen {
		return -1, net.ErrClosed
	}
	return c.sock.Dup()
}

// end takes the next step of a connection's end.
func (r *Reactor) end(c *Conn) {
	switch {
	case c.sock == nil:
	case c.aborting:
		r.driver.Close(c.sock)
	case c.state == stateFlushing && c.sock.OutboundBuffered() == 0:
		c.state = stateLingering
		r.wheel.arm(c, r.tick+LingerTicks)
		r.driver.CloseWrite(c.sock)
	}
}
