package netpolltest

import (
	"errors"
	"io"
	"net"
	"net/netip"

	"momentum/netpoll"
)

// Unlimited is a Window that never fills.
const Unlimited = 1 << 40

// ErrReset is the cause of a connection that the network broke.
var ErrReset = errors.New("connection reset by peer")

// Peer is the client's end of one connection, and the network in between. As a netpoll.Socket it is the server's end.
type Peer struct {
	driver *driver
	world  *World
	conn   *netpoll.Conn

	From    netip.Addr
	Window  int    // bytes that the kernel and the network still take before they hold the rest back
	FailAt  int    // a write fails once so many bytes were sent in all; 0 means never
	Writes  int    // writes that the server has made
	EOF     bool   // the server has shut its write side
	Closed  bool   // the server has closed, or the network has broken
	held    []byte // in the server's outbound buffer, not taken by the network
	Forgets bool   // it keeps no bytes, and Received returns none: copies for a large crowd take long
	inbox   []byte // received by the peer and not returned by Received yet
	arrived int

	sent  []byte // on its way to the server, and not read yet
	fin   bool   // the peer has shut its write side after these bytes
	ready bool   // in its driver's list

	// Watch, if set, is called for everything that happens at the server's end.
	Watch Watcher
}

// Watcher is called for the events at the server's end of a connection. It must not touch the world.
type Watcher interface {
	Reads(n int)       // the server is about to read n bytes more
	HasRead()          // it has handled them
	Writes(b []byte)   // it writes, and all bytes are taken
	Loses(cause error) // the connection has ended; nil if the server closed it
}

// Write is the server's write. Bytes that do not fit the window are buffered, as gnet does.
func (p *Peer) Write(b []byte) (int, error) {
	if p.Closed {
		return 0, net.ErrClosed
	}
	if p.FailAt > 0 && p.arrived+len(b) >= p.FailAt {
		p.lose(ErrReset)
		return 0, ErrReset
	}
	p.Writes++
	if p.Watch != nil {
		p.Watch.Writes(b)
	}
	if len(p.held) == 0 {
		n := p.take(b)
		p.held = append(p.held, b[n:]...)
	} else {
		p.held = append(p.held, b...)
		p.flow()
	}
	return len(b), nil
}

func (p *Peer) flow() { p.held = p.held[p.take(p.held):] }

// take has the peer receive the bytes that fit its window, and returns how many these are.
func (p *Peer) take(b []byte) int {
	n := min(p.Window, len(b))
	if !p.Forgets {
		p.inbox = append(p.inbox, b[:n]...)
	}
	p.arrived += n
	if p.Window != Unlimited {
		p.Window -= n
	}
	return n
}

// Open makes room for n more bytes from the server.
func (p *Peer) Open(n int) {
	p.Window += n
	p.flow()
}

// OutboundBuffered returns how many bytes the network has not taken.
func (p *Peer) OutboundBuffered() int { return len(p.held) }

// Fd returns no descriptor.
func (p *Peer) Fd() int { return -1 }

// Dup fails: a simulated socket has no descriptor.
func (p *Peer) Dup() (int, error) { return -1, errors.ErrUnsupported }

// SetContext keeps the reactor's side of the connection.
func (p *Peer) SetContext(c any) { p.conn = c.(*netpoll.Conn) }

// RemoteAddr returns the address from which the peer has connected.
func (p *Peer) RemoteAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.AddrPortFrom(p.From, 50000))
}

// Handle returns the handle of the server's end.
func (p *Peer) Handle() netpoll.Handle { return p.conn.Handle() }

// Transmit puts bytes on the way to the server. World.Step lets the server read them.
func (p *Peer) Transmit(b []byte) {
	p.sent = append(p.sent, b...)
	p.becomeReady()
}

// Unread returns how many bytes are on their way to the server.
func (p *Peer) Unread() int { return len(p.sent) }

// HalfClose shuts the peer's write side after the bytes that are on their way.
func (p *Peer) HalfClose() {
	p.fin = true
	p.becomeReady()
}

func (p *Peer) becomeReady() {
	if !p.Closed && !p.ready {
		p.ready = true
		p.driver.add(p)
	}
}

// read is one read by the server: of all bytes that have arrived and fit its buffer, or of a few if the read is torn.
func (p *Peer) read() {
	switch {
	case p.Closed:
		return
	case len(p.sent) == 0:
		p.lose(io.EOF)
		return
	}
	n := min(len(p.sent), readBufferBytes)
	if p.world.Torn > 0 && p.world.random.IntN(100) < p.world.Torn {
		n = min(n, 1+p.world.random.IntN(tornBytes))
	}
	var b []byte
	if b, p.sent = p.sent[:n:n], p.sent[n:]; len(p.sent) > 0 || p.fin {
		p.becomeReady()
	}
	if p.Watch != nil {
		p.Watch.Reads(n)
	}
	p.driver.reactor.Data(p.conn, b)
	if p.Watch != nil {
		p.Watch.HasRead()
	}
}

const (
	readBufferBytes = 64 << 10 // as in the real reactor
	tornBytes       = 16       // a torn read brings at most so many
)

// Send delivers bytes from the peer to the server at once.
func (p *Peer) Send(b []byte) {
	if !p.Closed {
		p.driver.reactor.Data(p.conn, append([]byte(nil), b...))
	}
}

// Received returns the bytes that have arrived since the last call.
func (p *Peer) Received() []byte {
	b := p.inbox
	p.inbox = nil
	return b
}

// HangUp closes the peer's end in an orderly way.
func (p *Peer) HangUp() { p.lose(io.EOF) }

// Reset breaks the connection.
func (p *Peer) Reset() { p.lose(ErrReset) }

func (p *Peer) lose(cause error) {
	if p.Closed {
		return
	}
	p.Closed = true
	p.held, p.sent = nil, nil
	if p.Watch != nil {
		p.Watch.Loses(cause)
	}
	p.driver.reactor.Lost(p.conn, cause)
}
