package server

import "momentum/server/reason"

// relief ends the sessions that hold the most memory, in three passes over all sessions. Each pass takes as many turns
// as the number of sessions requires; for a few thousand sessions one turn is enough.
type relief struct {
	*base
	memory     *memory
	handshakes *handshakes
	ending     *ending
	replays    *replays
	reliefPasses
}

// reliefPasses is the progress of a relief.
type reliefPasses struct {
	pass  func(*relief, *session) (cost int) // nil: none is under way
	done  func(*relief)
	slot  uint32
	open  sizes // held by sessions that are not ending
	ended sizes // held by ending sessions
	bytes int   // still to be found by this pass
	from  int   // sessions of this class of sizes and above are ended
}

// begin checks whether the reactor holds too much memory; nearly always it does not. Above half of the limit, the
// sessions that hold the most are closed, and their queued messages are still sent for as long as a close may take;
// above the whole limit they are cut off.
func (r *relief) begin() {
	if m := r.memory; m.limit == 0 || r.pass != nil || m.total()+r.reactor.Backlog() <= m.alarm {
		return
	}
	r.reliefPasses = firstPass
	if r.advance() {
		r.reactor.Wake()
	}
}

var firstPass = reliefPasses{pass: (*relief).measureOne, done: (*relief).measured}

// advance continues the passes for one turn's share and reports whether there is more to do.
func (r *relief) advance() (more bool) {
	for budget := reliefBudget; r.pass != nil && budget > 0; r.slot++ {
		s, exists := r.sessions.look(r.slot)
		if !exists {
			r.done(r)
			continue
		}
		budget--
		if s.conn != nil {
			budget -= r.pass(r, s)
		}
	}
	return r.pass != nil
}

// next begins another pass.
func (r *relief) next(pass func(*relief, *session) (cost int), done func(*relief)) {
	r.pass, r.done, r.slot = pass, done, ^uint32(0) // one before the first
}

// measureOne adds a session to the sums of the first pass.
func (r *relief) measureOne(s *session) (cost int) {
	if s.ending() {
		r.ended.add(r.replays.holds(s))
	} else {
		r.open.add(r.replays.holds(s))
	}
	return 0
}

// measured decides from which size class on shedOne closes sessions.
func (r *relief) measured() {
	m := r.memory
	live, ending := r.open.sum(), r.ended.sum()
	r.bytes = 0
	if live+ending > m.share(heldSixteenths) {
		r.bytes = live - m.share(relievedSixteenths)
	}
	r.from = r.open.threshold(r.bytes)
	r.open, r.ended = sizes{}, sizes{}
	r.next((*relief).shedOne, (*relief).shedEnough)
}

// shedOne ends a session if it is in the size class to shed or above, and adds up the bytes that it still holds.
func (r *relief) shedOne(s *session) (cost int) {
	if n := r.replays.holds(s); !s.ending() && r.bytes > 0 && sizeClass(n) >= r.from {
		r.bytes -= n
		cost = reliefCloseCost + r.shed(s)
	}
	r.measureOne(s)
	return cost
}

// shedEnough decides from which size class on cutOne cuts off ending sessions, including those that were just shed.
func (r *relief) shedEnough() {
	m := r.memory
	r.bytes = r.open.sum() + r.ended.sum() - m.limit
	r.from = r.ended.threshold(r.bytes)
	r.next((*relief).cutOne, (*relief).relieved)
}

// cutOne closes the socket of an ending session if it is in the size class to cut off or above.
func (r *relief) cutOne(s *session) (cost int) {
	if n := r.replays.holds(s); s.ending() && r.bytes > 0 && sizeClass(n) >= r.from {
		r.bytes -= n
		s.conn.Abort()
		cost = reliefCloseCost
	}
	return cost
}

// relieved ends the relief.
func (r *relief) relieved() {
	held := r.memory.limit + r.bytes // without the sessions that were cut off: their sockets close when the turn is over
	r.reliefPasses = reliefPasses{}
	r.memory.lookAbove(held)
}

// shed ends a session because of the memory it holds, and returns what its topics cost, in looks. Its incomplete messages are freed
// at once.
func (r *relief) shed(s *session) (cost int) {
	if s.state != stateLive {
		r.handshakes.refuse(s, reason.RefusedMemory, reason.RefusedMemory.Refusal())
	} else {
		s.decoder.Release()
		cost = r.ending.closeUnread(s, reason.ClosedMemory)
	}
	r.memory.accountFor(s)
	return cost
}
