package netpoll

import "sync/atomic"

// sockets counts the open sockets of all reactors and holds their limit. Any goroutine may use it.
type sockets struct {
	limit   int64
	refusal func() []byte // the answer to a connection above the limit
	open    atomic.Int64  // including those that are being refused
	refused atomic.Uint64 // since start
}

// enter counts a socket and returns by how many the limit is exceeded now, or 0.
func (s *sockets) enter() (above int64) { return max(0, s.open.Add(1)-s.limit) }

// leave counts a socket off.
func (s *sockets) leave() { s.open.Add(-1) }
