package server

import (
	"context"
	"errors"
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
	final    bool // the process ends after it
	deadline time.Time
	sessions int       // live when it began
	before   uint64    // sessions that earlier drains have closed
	logged   time.Time // when progress was logged last
	outcome  error
	over     chan struct{} // closed at the end
	plan     *drainPlan    // shared with the reactors
}

// DrainProgress is the progress of a drain.
type DrainProgress struct {
	Sessions    int     `json:"sessions"`     // when it began
	Closed      uint64  `json:"closed"`       // with a close frame that asks the client to reconnect
	Remaining   int     `json:"remaining"`    // still open
	SecondsLeft float64 `json:"seconds_left"` // until the remaining ones are cut off
	Over        bool    `json:"over"`
}

// Drain drains the node before its process ends, and waits until it is done, at most for the drain window. Its error says how many
// sessions had to be cut off. A second call waits for the same drain. After Drain, EndDrain returns ErrStopping.
func (s *Server) Drain(ctx context.Context) error {
	s.leave.mu.Lock()
	s.leave.final = true
	s.leave.mu.Unlock()
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
		s.leave.begun, s.leave.sessions, s.leave.before = true, s.sessionsNow(), s.counters.Ended(reason.ClosedDrain)
		s.leave.plan = &drainPlan{window: s.rules.Load().DrainWindow}
		s.leave.deadline, s.leave.logged = now.Add(s.leave.plan.window), now
		s.draining.Store(true)
		s.leave.plan.waiting.Store(int32(s.group.Reactors()))
		s.options.Log.Info("draining", "sessions", s.leave.sessions, "within", s.leave.plan.window)
		s.group.PostAll(netpoll.Post{Op: opDrain, Ref: s.leave.plan}, nil)
	}
	return s.drainProgress()
}

// ErrNotDraining means that there is no drain to end. ErrStopping means that the process ends after the drain.
var (
	ErrNotDraining = errors.New("the node is not draining")
	ErrStopping    = errors.New("the process is about to end")
)

// EndDrain ends a drain that StartDrain began: the node is ready again and takes handshakes. Sessions that were told to reconnect
// still go; the others stay. It returns how far the drain had got.
func (s *Server) EndDrain() (DrainProgress, error) {
	s.leave.mu.Lock()
	defer s.leave.mu.Unlock()
	switch {
	case s.leave.final:
		return DrainProgress{}, ErrStopping
	case !s.leave.begun:
		return DrainProgress{}, ErrNotDraining
	}
	progress := s.drainProgress()
	s.leave.begun, s.leave.ended, s.leave.outcome, s.leave.over = false, false, nil, make(chan struct{})
	s.group.PostAll(netpoll.Post{Op: opEndDrain}, nil)
	s.draining.Store(false)
	s.options.Log.Info("no longer draining", "closed", progress.Closed, "remaining", progress.Remaining)
	return progress, nil
}

// drainProgress returns the progress of the drain. Sessions whose socket is still open after their end count as remaining. The caller
// holds the lock.
func (s *Server) drainProgress() DrainProgress {
	left := s.leave.deadline.Sub(s.options.Now()).Seconds()
	if s.leave.ended {
		left = 0
	}
	return DrainProgress{
		Sessions: s.leave.sessions, Closed: s.counters.Ended(reason.ClosedDrain) - s.leave.before, Remaining: int(s.live.Load() + s.leaving.Load()),
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
