package redistest

import (
	"net"
	"sync"
	"testing"
	"time"
)

// Direction is one of the two of a connection.
type Direction int

// The directions of a connection through a proxy.
const (
	ToServer Direction = iota
	ToClient
)

// Proxy is a network between clients and a server: it carries TCP connections, and a test can disturb each direction. A
// change acts on the open connections and on those that follow, from the next bytes on.
type Proxy struct {
	listener net.Listener
	done     sync.WaitGroup

	mu     sync.Mutex
	target string
	lanes  [2]lane            // by Direction
	links  map[*link]struct{} // nil after the end of the test
}

// lane is the treatment of one direction.
type lane struct {
	treatment
	changed chan struct{} // closed at the next change
}

type treatment struct {
	held, dropped bool
	deaf          bool // connections for subscriptions are dropped
	delay         time.Duration
}

// NewProxy returns a proxy for one test on a free port of 127.0.0.1. Its target is a host and a port.
func NewProxy(t testing.TB, target string) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	p := &Proxy{listener: l, target: target, links: make(map[*link]struct{})}
	for i := range p.lanes {
		p.lanes[i].changed = make(chan struct{})
	}
	p.done.Go(p.accept)
	t.Cleanup(func() {
		l.Close()
		p.end()
		p.done.Wait()
	})
	return p
}

// Addr returns the host and the port on which the proxy listens.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Connections returns the number of connections that are open at either end.
func (p *Proxy) Connections() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.links)
}

// Retarget sends new connections to another server.
func (p *Proxy) Retarget(target string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.target = target
}

// Pass carries a direction without disturbance, which is the state of a new proxy. Bytes that were held go on. A connection
// that has lost bytes stays dropped in this direction, because the rest would be no RESP.
func (p *Proxy) Pass(d Direction) { p.treat(d, treatment{}) }

// Hold keeps the bytes and the end of a direction until Pass, as a network that is slow beyond all timeouts does.
func (p *Proxy) Hold(d Direction) { p.treat(d, treatment{held: true}) }

// Drop throws away the bytes and the end of a direction, as a cable that was pulled out does: no end learns of it.
func (p *Proxy) Drop(d Direction) { p.treat(d, treatment{dropped: true}) }

// Deafen drops all that the server sends on connections on which the client has subscribed to a sharded channel, also answers. All other
// connections pass: a client that subscribes on connections of its own gets the answers to its commands, and no message.
func (p *Proxy) Deafen() { p.treat(ToClient, treatment{deaf: true}) }

// Delay carries the bytes of a direction some time after they came.
func (p *Proxy) Delay(d Direction, by time.Duration) { p.treat(d, treatment{delay: by}) }

func (p *Proxy) treat(d Direction, how treatment) {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.lanes[d].changed)
	p.lanes[d] = lane{how, make(chan struct{})}
}

func (p *Proxy) lane(d Direction) lane {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lanes[d]
}

// Reset breaks all open connections: both ends get a TCP reset. New ones are accepted. A connection through which nothing has
// come yet may be new.
func (p *Proxy) Reset() { p.each(func(l *link) { l.reset() }) }

// HalfOpen closes one end of all open connections, and the other end does not learn of it. With ToServer the server sees the
// end and the client does not; with ToClient it is the other way.
func (p *Proxy) HalfOpen(d Direction) { p.each(func(l *link) { l.lose(d) }) }

func (p *Proxy) each(do func(*link)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.links {
		do(l)
	}
}

func (p *Proxy) accept() {
	for {
		conn, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.done.Go(func() { p.serve(conn.(*net.TCPConn)) })
	}
}

// serve carries one connection until it has ended in both directions, or was reset. A server that refuses it resets it.
func (p *Proxy) serve(client *net.TCPConn) {
	p.mu.Lock()
	target := p.target
	p.mu.Unlock()
	server, err := net.DialTimeout("tcp", target, patience)
	if err != nil {
		_ = client.SetLinger(0)
		client.Close()
		return
	}
	l := &link{proxy: p, ends: [2]*net.TCPConn{ToServer: server.(*net.TCPConn), ToClient: client}, broken: make(chan struct{})}
	if !p.enter(l) {
		l.reset()
		return
	}
	l.run()
	p.leave(l)
}

// enter returns false after the end of the test.
func (p *Proxy) enter(l *link) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.links == nil {
		return false
	}
	p.links[l] = struct{}{}
	return true
}

func (p *Proxy) leave(l *link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.links, l)
}

// end resets all connections, also those that are being made.
func (p *Proxy) end() {
	p.Reset()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.links = nil
}
