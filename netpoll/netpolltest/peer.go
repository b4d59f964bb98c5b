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

// Peer is the far end of one connection and the network in between. As a netpoll.Socket it is the near end.
type Peer struct {
	driver *driver
	world  *World
	conn   *netpoll.Conn

	From    netip.Addr
	Window  int    // bytes the kernel and the network still take before they hold the rest back
	FailAt  int    // a write fails once this many bytes were sent in all; 0 means never
	Writes  int    // writes the server has made
	EOF     bool   // the server has shut its write side
	Closed  bool   // the server has closed, or the network has broken
	held    []byte // taken by the server's outbound buffer, not by the network
	inbox   []byte // arrived here and not read yet
	arrived int
}

// Write is the server's write. What does not fit the window is buffered, as gnet does.
func (p *Peer) Write(b []byte) (int, error) {
	if p.Closed {
		return 0, net.ErrClosed
	}
	if p.FailAt > 0 && p.arrived+len(b) >= p.FailAt {
		p.lose(ErrReset)
		return 0, ErrReset
	}
	p.Writes++
	p.held = append(p.held, b...)
	p.flow()
	return len(b), nil
}

func (p *Peer) flow() {
	n := min(p.Window, len(p.held))
	p.inbox = append(p.inbox, p.held[:n]...)
	p.held = p.held[n:]
	p.arrived += n
	if p.Window != Unlimited {
		p.Window -= n
	}
}

// Open makes room for n more bytes on the way from the server.
func (p *Peer) Open(n int) {
	p.Window += n
	p.flow()
}

// OutboundBuffered returns the bytes that the network has not taken.
func (p *Peer) OutboundBuffered() int { return len(p.held) }

// Dup fails: there is no descriptor behind a simulated socket.
func (p *Peer) Dup() (int, error) { return -1, errors.ErrUnsupported }

// SetContext keeps the reactor's side of the connection.
func (p *Peer) SetContext(c any) { p.conn = c.(*netpoll.Conn) }

// RemoteAddr returns the address the peer has dialled from.
func (p *Peer) RemoteAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.AddrPortFrom(p.From, 50000))
}

// Send delivers bytes from the peer to the server.
func (p *Peer) Send(b []byte) {
	if !p.Closed {
		p.driver.reactor.Data(p.conn, append([]byte(nil), b...))
	}
}

// Received returns what has arrived since the last call.
func (p *Peer) Received() []byte {
	b := p.inbox
	p.inbox = nil
	return b
}

// HangUp closes the peer's end in order.
func (p *Peer) HangUp() { p.lose(io.EOF) }

// Reset breaks the connection.
func (p *Peer) Reset() { p.lose(ErrReset) }

func (p *Peer) lose(cause error) {
	if p.Closed {
		return
	}
	p.Closed = true
	p.held = nil
	p.driver.reactor.Lost(p.conn, cause)
}
