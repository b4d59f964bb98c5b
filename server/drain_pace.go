package server

import (
	"strconv"
	"sync/atomic"
	"time"

	"momentum/server/admit"
	"momentum/server/fanout"
	"momentum/server/reason"
)

// drainSpread is the part of the drain window in which sessions are closed. The rest is for the last clients' close
// frames.
func drainSpread(window time.Duration) time.Duration { return window - min(drainFlush, window/2) }

// drainPlan is what the reactors have in common during a drain.
type drainPlan struct {
	window   time.Duration
	waiting  atomic.Int32  // reactors that have not begun
	closedBy atomic.Uint32 // tick by which every reactor expects to have closed its sessions
}

// drainPace spreads one reactor's closes over most of the drain window.
type drainPace struct {
	*base
	walks      *walks
	handshakes *handshakes
	ending     *ending
	memory     *memory

	plan  *drainPlan // nil: no drain has begun
	begun uint32     // tick
	until uint32     // tick in which the last session is closed
	due   int        // sessions to close now
	slot  uint32     // next slot to look at
}

// begin refuses the handshakes whose token or user is still being checked. Otherwise they would be refused later,
// when the node may already have stopped.
func (d *drainPace) begin(p *drainPlan) {
	now := d.reactor.Tick()
	d.plan, d.begun, d.until, d.due, d.slot = p, now, now+ticks(drainSpread(p.window)), 0, 0
	d.ending.hurried = true
	d.share()
	d.walks.start(func(s *session) int {
		if s.state != stateAdmission || d.plan != p {
			return 0
		}
		d.handshakes.refuse(s, reason.RefusedDraining, reason.RefusedDraining.Refusal())
		d.memory.accountFor(s)
		return closeCost
	}, func() { p.waiting.Add(-1) })
	d.reactor.WantTick()
}

// end ends the drain, and its walks find nothing more to do. Sessions that were told to reconnect keep their deadlines.
func (d *drainPace) end() { d.plan, d.due, d.ending.hurried = nil, 0, false }

// share computes how many sessions to close in each tick so that all are closed in time, and tells the other
// reactors when that will be: a node with few clients is done long before the window ends.
func (d *drainPace) share() (each int) {
	ticksLeft := max(1, int(int32(d.until-d.reactor.Tick())))
	each = max(drainBatch, (d.alive+ticksLeft-1)/ticksLeft)
	d.plan.postponeClosed(d.reactor.Tick() + uint32((d.alive-1)/each))
	return each
}

// postponeClosed postpones the tick by which all reactors have closed their sessions.
func (p *drainPlan) postponeClosed(tick uint32) {
	for last := p.closedBy.Load(); int32(tick-last) > 0 && !p.closedBy.CompareAndSwap(last, tick); {
		last = p.closedBy.Load()
	}
}

// tick computes, in each tick, how many of the remaining sessions are due to be closed.
func (d *drainPace) tick() {
	if d.plan == nil {
		return
	}
	d.reactor.WantTick()                            // also for handshakes that still become live
	if d.alive > 0 && d.reactor.Tick() != d.begun { // the other reactors may not have planned before
		d.due = d.share()
	}
}

// closeDue closes the sessions that are due, a bounded number in each turn, and reports whether there are more. Each
// session first gets all messages that were posted to it: if a client can know that the node accepted a message while
// it still answered that client, then it has received that message. A client with more than a segment pending gets a
// segment in each turn and is closed after the last.
func (d *drainPace) closeDue() (more bool) {
	if d.due == 0 || d.alive == 0 {
		return false
	}
	d.reactor.ApplyAll()
	late := int32(d.reactor.Tick()-d.until) >= 0
	rounds := 0 // ends of the sessions that were passed without a close
	for budget := walkBudget; d.due > 0 && d.alive > 0 && budget > 0 && rounds < 2; budget-- {
		s, exists := d.sessions.look(d.slot)
		if d.slot++; !exists {
			d.slot = 0
			rounds++
		}
		switch {
		case !exists || s.state != stateLive:
		case s.member.Joined() && d.fanout.Owed(s) > fanout.SegmentBytes && !late:
			d.fanout.Hurry(s)
		default:
			budget -= d.close(s)
			d.due--
			rounds = 0
		}
	}
	return d.due > 0 && d.alive > 0
}

// close closes a session and tells its client when to reconnect: after all sessions have been closed, plus a random
// delay of at most admit.MaxRetryAfter seconds, so that the clients do not all reconnect at once. The drain ends with
// the last answer, so a client that only has to answer the close frame gets less time than one that must first read
// its queued messages.
func (d *drainPace) close(s *session) (cost int) {
	ticksLeft := max(0, int(int32(d.plan.closedBy.Load()-d.reactor.Tick())))
	again := (ticksLeft+ticksPerSecond-1)/ticksPerSecond + 1 + d.random.IntN(admit.MaxRetryAfter)
	cost = d.ending.sendClose(s, reason.ClosedDrain, reason.ClosedDrain.Code(), reason.ClosedDrain.Text()+" in "+strconv.Itoa(again)+" s")
	answer := CloseTimeout
	if s.conn.Queued() == 0 {
		answer = drainAnswer
	}
	s.conn.SetDeadline(ticks(answer))
	return cost
}

// cutOff closes every socket immediately, in steps, as long as the drain is not ended.
func (d *drainPace) cutOff() {
	plan := d.plan
	d.walks.start(func(s *session) int {
		if s.conn == nil || d.plan != plan {
			return 0
		}
		s.conn.Abort() // its subscriptions end with the turn
		return closeCost + looksPerTopic*d.fanout.TopicCount(s)
	}, func() {})
}
