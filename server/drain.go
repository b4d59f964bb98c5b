package server

import (
	"context"
	"fmt"
	"math"
	"sync"
	"time"

	"momentum/netpoll"
	"momentum/server/reason"
)

// drain is the progress of a drain. The ticker advances it.
type drain struct {
	mu       sync.Mutex
	begun    bool
	ended    bool
	deadline time.Time
	sessions int       // live when it began
	logged   time.Time // when progress was logged last
	outcome  error
	over     chan struct{} // closed at the end
	plan     drainPlan     // the reactors'
}

// DrainProgress is the progress of a drain.
type DrainProgress struct {
	Sessions    int     `json:"sessions"`     // when it began
	Closed      uint64  `json:"closed"`       // with a close frame that asks the client to reconnect
	Remaining   int     `json:"remaining"`    // still open
	SecondsLeft float64 `json:"seconds_left"` // until the remaining ones are cut off
	Over        bool    `json:"over"`
}

// Drain drains the node and waits until it is done, at most for the drain window. Its error says how many sessions had
// to be cut off. A second call waits for the same drain.
func (s *Server) Drain(ctx context.Context) error {
	s.StartDrain()
	select {
	case <-s.leave.over:
		return s.leave.outcome
	case <-ctx.Done():
		return ctx.Err()
	}
}

// StartDrain begins a drain: the node is no longer ready and refuses handshakes. Each session gets the messages that
// were posted to it so far and is then closed with code 1012, which asks the client to reconnect; the closes are
// spread over most of the drain window. Sessions that are still open at its end are cut off. StartDrain does not wait;
// a second call has no effect.
func (s *Server) StartDrain() DrainProgress {
	s.leave.mu.Lock()
	defer s.leave.mu.Unlock()
	if now := s.options.Now(); !s.leave.begun {
		s.leave.begun, s.leave.sessions = true, s.sessionsNow()
		s.leave.plan.window = s.rules.Load().DrainWindow
		s.leave.deadline, s.leave.logged = now.Add(s.leave.plan.window), now
		s.draining.Store(true)
		s.leave.plan.waiting.Store(int32(s.group.Reactors()))
		s.options.Log.Info("draining", "sessions", s.leave.sessions, "within", s.leave.plan.window)
		s.group.PostAll(netpoll.Post{Op: opDrain, Ref: &s.leave.plan}, nil)
	}
	return s.drainProgress()
}

// drainProgress is called with the lock held.
func (s *Server) drainProgress() DrainProgress {
	left := s.leave.deadline.Sub(s.options.Now()).Seconds()
	if s.leave.ended {
		left = 0
	}
	return DrainProgress{
		Sessions: s.leave.sessions, Closed: s.counters.Ended(reason.ClosedDrain), Remaining: s.remaining(),
		SecondsLeft: math.Round(10*max(0, left)) / 10, Over: s.leave.ended,
	}
}

// drainNow returns the progress of the drain, or nil if there is none.
func (s *Server) drainNow() *DrainProgress {
	s.leave.mu.Lock()
	defer s.leave.mu.Unlock()
	if !s.leave.begun {
		return nil
	}
	progress := s.drainProgress()
	return &progress
}

// remaining counts the live sessions, and the ended ones with a socket that is still open.
func (s *Server) remaining() int { return int(s.live.Load() + s.leaving.Load()) }

// watchDrain ends a drain when no session is left or its time is over, and logs its progress.
func (s *Server) watchDrain(now time.Time) {
	s.leave.mu.Lock()
	defer s.leave.mu.Unlock()
	if !s.leave.begun || s.leave.ended {
		return
	}
	log, progress := s.options.Log, s.drainProgress()
	switch {
	case progress.Remaining == 0 && s.leave.plan.waiting.Load() == 0:
		log.Info("drained", "closed", progress.Closed)
	case !now.Before(s.leave.deadline):
		s.leave.outcome = fmt.Errorf("%d connections did not go within %v and were cut off", progress.Remaining, s.leave.plan.window)
		log.Warn("the drain's time is over: cutting off the remaining sessions", "remaining", progress.Remaining, "closed", progress.Closed)
		s.group.PostAll(netpoll.Post{Op: opCutOff}, nil)
	case now.Sub(s.leave.logged) >= drainLogInterval:
		s.leave.logged = now
		log.Info("draining", "remaining", progress.Remaining, "closed", progress.Closed, "seconds_left", progress.SecondsLeft)
		return
	default:
		return
	}
	s.leave.ended = true
	close(s.leave.over)
}
