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

// drain is how far the node's going away has come. The ticker moves it on.
type drain struct {
	mu       sync.Mutex
	begun    bool
	ended    bool
	window   time.Duration
	deadline time.Time
	sessions int       // when it began
	logged   time.Time // when progress was
	outcome  error
	over     chan struct{} // closed at the end
	waiting  atomic.Int32  // reactors that have not begun
	told     atomic.Uint32 // tick by which every reactor will have told its sessions, as far as they know
}

// DrainProgress is how far a drain has come.
type DrainProgress struct {
	Sessions    int     `json:"sessions"`     // when it began
	Closed      uint64  `json:"closed"`       // told to come back
	Remaining   int     `json:"remaining"`    // not gone yet
	SecondsLeft float64 `json:"seconds_left"` // until those who remain are cut off
	Over        bool    `json:"over"`
}

// Drain lets the node go in order and waits until it has gone, at the latest until the drain window is over; then
// it says how many had to be cut off. Calling it again waits for the same drain.
func (s *Server) Drain(ctx context.Context) error {
	s.StartDrain()
	select {
	case <-s.leave.over:
		return s.leave.outcome
	case <-ctx.Done():
		return ctx.Err()
	}
}

// StartDrain lets the node go in order: it is no longer ready and refuses handshakes; each session is closed with code
// 1012, behind all that was posted for it by then, spread over most of the drain window, and told when to come back.
// Who has not gone at the window's end is cut off. It does not wait, and a second call finds the drain under way.
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

// drainNow returns how far the drain has come, or nil if there is none.
func (s *Server) drainNow() *DrainProgress {
	s.leave.mu.Lock()
	defer s.leave.mu.Unlock()
	if !s.leave.begun {
		return nil
	}
	progress := s.drainProgress()
	return &progress
}

// remaining counts the sessions that are live, and those that have ended and whose sockets have not.
func (s *Server) remaining() int { return int(s.live.Load() + s.leaving.Load()) }

// watchDrain ends a drain that nobody is left of, or whose time is over, and tells the log how it goes on.
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
		log.Warn("the drain's time is over: cutting off who has not gone", "remaining", progress.Remaining, "closed", progress.Closed)
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

// drainSpread is the part of the drain window in which sessions are told to go. The rest is for the last ones' answers.
func drainSpread(window time.Duration) time.Duration { return window - min(drainFlush, window/2) }

// drainPace spreads one reactor's closes over that time.
type drainPace struct {
	on    bool
	begun uint32 // tick
	until uint32 // tick at which the last session is told
	due   int    // sessions to be told now
	slot  uint32 // of the session that is looked at next
}

// beginDrain refuses the handshakes whose token or user is still being looked at: they could only be refused later, by a
// node that may have gone.
func (sh *shard) beginDrain(window time.Duration) {
	now := sh.reactor.Tick()
	sh.drain = drainPace{on: true, begun: now, until: now + ticks(drainSpread(window))}
	sh.planDrain()
	sh.startWalk(func(s *session) int {
		if s.state != stateAdmission {
			return 0
		}
		sh.refuse(s, reason.RefusedDraining, reason.RefusedDraining.Refusal())
		sh.weigh(s)
		return closeCost
	}, func() { sh.server.leave.waiting.Add(-1) })
	sh.reactor.WantTick()
}

// planDrain returns how many sessions to tell in a tick, so that all of them have been told in time, and lets the other
// reactors know when that will be: a node with few clients is done much sooner than it may be.
func (sh *shard) planDrain() (share int) {
	ticksLeft := max(1, int(int32(sh.drain.until-sh.reactor.Tick())))
	share = max(drainBatch, (sh.alive+ticksLeft-1)/ticksLeft)
	sh.server.leave.raiseTold(sh.reactor.Tick() + uint32((sh.alive-1)/share))
	return share
}

// raiseTold puts off the tick by which everybody has been told.
func (d *drain) raiseTold(tick uint32) {
	for told := d.told.Load(); int32(tick-told) > 0 && !d.told.CompareAndSwap(told, tick); {
		told = d.told.Load()
	}
}

// continueDrain finds out, in each tick, how many of the remaining sessions are to be closed now.
func (sh *shard) continueDrain() {
	if !sh.drain.on {
		return
	}
	sh.reactor.WantTick()                                    // also for those that are let in still
	if sh.alive > 0 && sh.reactor.Tick() != sh.drain.begun { // the other reactors may not have planned before
		sh.drain.due = sh.planDrain()
	}
}

// drainDue closes sessions that are due, a bounded number each turn, and says whether there are more. Everything that was
// posted goes to them first: a client that can know that the node had taken a message while the client was still answered
// has that message. A client that is owed more than a segment gets a segment a turn and is closed after that.
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
			budget -= sh.seeOff(s)
			d.due--
			rounds = 0
		}
	}
	return d.due > 0 && sh.alive > 0
}

// seeOff closes a session and tells its client when to come back: when everybody has been told, and then within
// admit.RetryAfterMost seconds, at random, so that the fleet does not come as one. The drain ends with the last answer, so a
// client that only has to answer is not given the time that one has which must read what is queued for it first.
func (sh *shard) seeOff(s *session) (cost int) {
	ticksLeft := max(0, int(int32(sh.server.leave.told.Load()-sh.reactor.Tick())))
	again := (ticksLeft+ticksPerSecond-1)/ticksPerSecond + 1 + sh.random.IntN(admit.RetryAfterMost)
	cost = sh.sayClose(s, reason.ClosedDrain, reason.ClosedDrain.Code(), reason.ClosedDrain.Text()+" in "+strconv.Itoa(again)+" s")
	answer := CloseTimeout
	if s.conn.Queued() == 0 {
		answer = drainAnswer
	}
	s.conn.SetDeadline(ticks(answer))
	return cost
}

// cutOff closes every socket as it is, in steps.
func (sh *shard) cutOff() {
	sh.startWalk(func(s *session) int {
		if s.conn == nil {
			return 0
		}
		s.conn.Abort()
		return closeCost
	}, func() {})
}
