package netpoll

import (
	"net"
	"net/netip"
)

// Socket is what a reactor needs of a connection's transport: a subset of gnet.Conn, and what netpolltest
// simulates. A Write either takes all of p (into the kernel or a buffer) or ends the connection.
type Socket interface {
	Write(p []byte) (int, error)
	OutboundBuffered() int // bytes taken but not yet in the kernel
	Fd() int
	Dup() (fd int, err error)
	SetContext(any) // given the Conn, for the driver to find it by
	RemoteAddr() net.Addr
}

type connState uint8

const (
	stateFree      connState = iota // the slot is not in use
	stateOpen                       // bytes flow both ways
	stateFlushing                   // Finish was called; what is queued is still being written
	stateLingering                  // the write side is shut; what arrives is thrown away
	stateGone                       // the socket has closed; the slot is released when the turn settles
)

// Conn is one connection. Everything in it belongs to its reactor's goroutine, and so may its methods be
// called only there; other goroutines hold a Handle. It is kept by value in a slab and its size is a budget
// (see the test), because an idle node is mostly made of these.
type Conn struct {
	sock    Socket // nil once the socket has closed
	reactor *Reactor

	slot uint32
	gen  uint32
	fd   int32 // the socket's, so that a write need not look at the socket, which lies elsewhere in memory

	// The wheel's. Links hold slot+1, so that zero means none.
	deadline   uint32
	next, prev uint32
	bucket     uint16
	armed      bool

	state    connState
	aborting bool // Abort was called
	backlog  bool // in the reactor's list of those with bytes queued
	slow     bool // passed an outbound limit; the handler is told when the turn settles
	overflow bool // accepted beyond the cap only to be refused: the handler never hears of it

	flushBy uint32 // when a flush must be over
	// What is remembered of its backlog from one tick to the next: while it is open the ticks it has been above the soft
	// limit, when it is being flushed the bytes it had to go.
	watched uint32
}

// Handle returns the name by which other goroutines know this connection.
func (c *Conn) Handle() Handle { return newHandle(c.reactor.index, c.slot, c.gen) }

// Slot returns the connection's index in its reactor, for state kept beside it.
func (c *Conn) Slot() uint32 { return c.slot }

// Peer returns the address the socket is connected to, without a zone, IPv4 as IPv4; not valid once it has closed.
// It is the driver's to keep, so that a connection costs nothing for it here.
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

// SetDeadline arms the connection's one deadline, in ticks from now, in place of any other.
func (c *Conn) SetDeadline(ticks uint32) {
	if c.state == stateOpen {
		c.reactor.wheel.arm(c, c.reactor.tick+ticks)
	}
}

// Finish ends the connection in order: what is queued is flushed, the write side is shut, and what the peer
// still sends is drained for a moment, each within a bound. The handler receives no more data. Nothing
// happens before the turn settles, so it may be called from anywhere.
func (c *Conn) Finish() {
	if c.state != stateOpen {
		return
	}
	c.state = stateFlushing
	c.flushBy, c.watched = c.reactor.tick+FlushMostTicks, uint32(c.sock.OutboundBuffered())
	c.reactor.wheel.arm(c, c.reactor.tick+FlushTicks)
	c.reactor.ending = append(c.reactor.ending, c)
}

// Abort closes the socket when the turn settles, whatever is still queued.
func (c *Conn) Abort() {
	if c.state == stateGone || c.aborting {
		return
	}
	c.aborting = true
	c.reactor.ending = append(c.reactor.ending, c)
}

// Dup duplicates the descriptor for another owner. An Abort behind it leaves the duplicate's socket open.
func (c *Conn) Dup() (fd int, err error) {
	if c.state != stateOpen {
		return -1, net.ErrClosed
	}
	return c.sock.Dup()
}
