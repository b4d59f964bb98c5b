package server

import (
	"context"
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

// Cleanup closes every connection past its deadline now, and returns how many it closed and how many remain. The timer
// wheels do the same within a tick; an administrator need not wait for them.
func (s *Server) Cleanup(ctx context.Context) (cleaned, remaining int, err error) {
	w := s.startSweep(0)
	if err := await(ctx, &w.waiting); err != nil {
		return 0, 0, err
	}
	return int(w.closed.Load()), int(w.left.Load()), nil
}

func (s *Server) startSweep(grace uint32) *sweep {
	w := &sweep{grace: grace}
	w.waiting.Add(s.group.Reactors())
	s.group.PostAll(netpoll.Post{Op: opSweep, Ref: w}, nil)
	return w
}

// sweep closes the sessions that are past their deadline, in steps, and counts those that remain.
func (sh *shard) sweep(w *sweep) {
	sh.startWalk(func(s *session) int {
		if s.state != stateLive {
			return 0
		}
		why := sh.overdue(s, w.grace)
		if why == reason.None {
			return 0
		}
		w.closed.Add(1)
		return sh.close(s, why)
	}, func() {
		w.left.Add(int64(sh.alive))
		w.waiting.Done()
	})
}

// await waits for reactors to answer, but no longer than the context allows.
func await(ctx context.Context, answers *sync.WaitGroup) error {
	done := make(chan struct{})
	go func() {
		answers.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
