package server

import "sync/atomic"

// seats bounds the users' connections of the node, those being admitted among them. A seat is taken before
// a token is looked at, so that a full node refuses for next to nothing.
type seats struct {
	taken atomic.Int64
	most  atomic.Int64
}

func (s *seats) take() bool {
	if s.taken.Add(1) > s.most.Load() {
		s.taken.Add(-1)
		return false
	}
	return true
}

func (s *seats) give() { s.taken.Add(-1) }
