package netpoll

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/panjf2000/gnet/v2"
)

// early keeps the connections that are accepted before the loops have their reactors. The kernel accepts as soon as gnet
// listens, some milliseconds earlier. Their bytes stay in gnet's buffers meanwhile.
type early struct {
	over  atomic.Bool // every loop has its reactor
	mu    sync.Mutex
	conns []gnet.Conn
}

// keep keeps a connection. It returns false if the loops have their reactors by now.
func (e *early) keep(c gnet.Conn) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.over.Load() {
		return false
	}
	e.conns = append(e.conns, c)
	return true
}

// end is called when the loops have their reactors. No further connection is kept.
func (e *early) end() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.over.Store(true)
}

// take removes and returns the connections of one loop.
func (e *early) take(loop gnet.EventLoop) (taken []gnet.Conn) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.conns = slices.DeleteFunc(e.conns, func(c gnet.Conn) bool {
		mine := c.EventLoop() == loop
		if mine {
			taken = append(taken, c)
		}
		return mine
	})
	return taken
}

// forget removes a connection that has closed.
func (e *early) forget(c gnet.Conn) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.conns = slices.DeleteFunc(e.conns, func(other gnet.Conn) bool { return other == c })
}
