package server

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"momentum/netpoll"
	"momentum/server/admit"
	"momentum/server/reason"
)

// drain is the progress of a drain. The ticker advances it.
type drain struct {
	mu       sync.Mutex
	begun    bool
	ended    bool
	window   time.Duration
	deadline time.Time
	sessions int       // live when it began
	logged   time.Time // when progress was logged last
	outcome  error
	over     chan struct{} // closed at the end
	waiting  atomic.Int32  // reactors that have not begun
	closedBy atomic.Uint32 // tick by which every reactor expects to have closed its sessions
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
		s.leave.window = s.rules.Load().DrainWindow
		s.leave.deadline, s.leave.logged = now.Add(s.leave.window), now
		s.draining.Store(true)
		s.leave.waiting.Store(int32(s.group.Reactors()))
		s.options.Log.Info("draining", "sessions", s.leave.sessions, "within", s.leave.window)
		s.group.PostAll(netpoll.Post{Op: opDrain, Ref: s.leave.window}, nil)
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
	case progress.Remaining == 0 && s.leave.waiting.Load() == 0:
		log.Info("drained", "closed", progress.Closed)
	case !now.Before(s.leave.deadline):
		s.leave.outcome = fmt.Errorf("%d connections did not go within %v and were cut off", progress.Remaining, s.leave.window)
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

// drainSpread is the part of the drain window in which sessions are closed. The rest is for the last clients' close
// frames.
func drainSpread(window time.Duration) time.Duration { return window - min(drainFlush, window/2) }

// drainPace spreads one reactor's closes over that time.
type drainPace struct {
	on    bool
	begun uint32 // tick
	until uint32 // tick in which the last session is closed
	due   int    // sessions to close now
	slot  uint32 // next slot to look at
}

// beginDrain refuses the handshakes whose token or user is still being checked. Otherwise they would be refused later,
// when the node may already have stopped.
func (sh *shard) beginDrain(window time.Duration) {
	now := sh.reactor.Tick()
	sh.drain = drainPace{on: true, begun: now, until: now + ticks(drainSpread(window))}
	sh.planDrain()
	sh.startWalk(func(s *session) int {
		if s.state != stateAdmission {
			return 0
		}
		sh.refuse(s, reason.RefusedDraining, reason.RefusedDraining.Refusal())
		sh.accountFor(s)
		return closeCost
	}, func() { sh.server.leave.waiting.Add(-1) })
	sh.reactor.WantTick()
}

// planDrain computes how many sessions to close in each tick so that all are closed in time, and tells the other
// reactors when that will be: a node with few clients is done long before the window ends.
func (sh *shard) planDrain() (share int) {
	ticksLeft := max(1, int(int32(sh.drain.until-sh.reactor.Tick())))
	share = max(drainBatch, (sh.alive+ticksLeft-1)/ticksLeft)
	sh.server.leave.postponeClosed(sh.reactor.Tick() + uint32((sh.alive-1)/share))
	return share
}

// postponeClosed postpones the tick by which all reactors have closed their sessions.
func (d *drain) postponeClosed(tick uint32) {
	for last := d.closedBy.Load(); int32(tick-last) > 0 && !d.closedBy.CompareAndSwap(last, tick); {
		last = d.closedBy.Load()
	}
}

// continueDrain computes, in each tick, how many of the remaining sessions are due to be closed.
func (sh *shard) continueDrain() {
	if !sh.drain.on {
		return
	}
	sh.reactor.WantTick()                                    // also for handshakes that still become live
	if sh.alive > 0 && sh.reactor.Tick() != sh.drain.begun { // the other reactors may not have planned before
		sh.drain.due = sh.planDrain()
	}
}

// drainDue closes the sessions that are due, a bounded number in each turn, and reports whether there are more. Each
// session first gets all messages that were posted to it: if a client can know that the node accepted a message while
// it still answered that client, then it has received that message. A client with more than a segment pending gets a
// segment in each turn and is closed after the last.
func (sh *shard) drainDue() (more bool) {
	d := &sh.drain
	if d.due == 0 || sh.alive == 0 {
		return false
	}
	sh.reactor.ApplyAll()
	late := int32(sh.reactor.Tick()-d.until) >= 0
	rounds := 0 // ends of the sessions that were passed without a close
	for budget := walkBudget; d.due > 0 && sh.alive > 0 && budget > 0 && rounds < 2; budget-- {
		s, exists := sh.sessions.look(d.slot)
		if d.slot++; !exists {
			d.slot = 0
			rounds++
		}
		switch {
		case !exists || s.state != stateLive:
		case sh.fanout.Behind(s) && !late:
			sh.fanout.Hurry(s)
		default:
			budget -= sh.closeForDrain(s)
			d.due--
			rounds = 0
		}
	}
	return d.due > 0 && sh.alive > 0
}

// closeForDrain closes a session and tells its client when to reconnect: after all sessions have been closed, plus a random
// delay of at most admit.RetryAfterMost seconds, so that the clients do not all reconnect at once. The drain ends with
// the last answer, so a client that only has to answer the close frame gets less time than one that must first read
// its queued messages.
func (sh *shard) closeForDrain(s *session) (cost int) {
	ticksLeft := max(0, int(int32(sh.server.leave.closedBy.Load()-sh.reactor.Tick())))
	again := (ticksLeft+ticksPerSecond-1)/ticksPerSecond + 1 + sh.random.IntN(admit.RetryAfterMost)
	cost = sh.sendClose(s, reason.ClosedDrain, reason.ClosedDrain.Code(), reason.ClosedDrain.Text()+" in "+strconv.Itoa(again)+" s")
	answer := CloseTimeout
	if s.conn.Queued() == 0 {
		answer = drainAnswer
	}
	s.conn.SetDeadline(ticks(answer))
	return cost
}

// cutOff closes every socket immediately, in steps.
func (sh *shard) cutOff() {
	sh.startWalk(func(s *session) int {
		if s.conn == nil {
			return 0
		}
		s.conn.Abort()
		return closeCost
	}, func() {})
}
