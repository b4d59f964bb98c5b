package server

import (
	"sync"
	"sync/atomic"

	"momentum/netpoll"
	"momentum/server/reason"
)

// sweep asks every reactor to close the sessions that are past their deadline now, and collects the results.
type sweep struct {
	grace   uint32 // ticks
	waiting sync.WaitGroup
	closed  atomic.Int64
	left    atomic.Int64
}

func (n *node) startSweep(grace uint32) *sweep {
	w := &sweep{grace: grace}
	w.waiting.Add(n.group.Reactors())
	n.group.PostAll(netpoll.Post{Op: opSweep, Ref: w}, nil)
	return w
}

// begin closes the sessions of a reactor that are past their deadline, in steps, and counts those that remain.
func (w *sweep) begin(walks *walks, heartbeat *heartbeat, ending *ending) {
	walks.start(func(s *session) int {
		if s.state != stateLive {
			return 0
		}
		why := heartbeat.overdue(s, w.grace)
		if why == reason.None {
			return 0
		}
		w.closed.Add(1)
		return ending.close(s, why)
	}, func() {
		w.left.Add(int64(walks.alive))
		w.waiting.Done()
	})
}
