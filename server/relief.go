package server

import "math/bits"

// relief ends the sessions that hold the most memory, in three passes over all sessions. Each pass takes as many turns
// as the number of sessions requires; for a few thousand sessions one turn is enough.
type relief struct {
	pass  func(*shard, *session) (cost int) // nil: none is under way
	done  func(*shard)
	slot  uint32
	live  sizes // held by sessions that are not ending
	end   sizes // held by ending sessions
	bytes int   // still to be found by this pass
	from  int   // sessions of this class of sizes and above are ended
}

// relieve checks whether the reactor holds too much memory; nearly always it does not. Above half of the limit, the
// sessions that hold the most are closed, and their queued messages are still sent for as long as a close may take;
// above the whole limit they are cut off. So the sessions that hold the most are ended before all others.
func (sh *shard) relieve() {
	m := &sh.memory
	if m.limit == 0 || m.relief.pass != nil || m.kept+sh.reactor.Backlog() <= m.alarm {
		return
	}
	m.relief = relief{pass: (*shard).measureOne, done: (*shard).measured}
	if sh.continueRelief() {
		sh.reactor.Wake()
	}
}

// continueRelief continues the passes for one turn's share and reports whether there is more to do.
func (sh *shard) continueRelief() (more bool) {
	r := &sh.memory.relief
	for budget := reliefBudget; r.pass != nil && budget > 0; r.slot++ {
		s, exists := sh.sessions.look(r.slot)
		if !exists {
			r.done(sh)
			continue
		}
		budget--
		if s.conn != nil {
			budget -= r.pass(sh, s)
		}
	}
	return r.pass != nil
}

// next begins another pass.
func (r *relief) next(pass func(*shard, *session) (cost int), done func(*shard)) {
	r.pass, r.done, r.slot = pass, done, ^uint32(0) // one before the first
}

// measureOne adds a session to the sums of the first pass.
func (sh *shard) measureOne(s *session) (cost int) {
	r := &sh.memory.relief
	if s.ending() {
		r.end.add(s.holds())
	} else {
		r.live.add(s.holds())
	}
	return 0
}

// measured decides from which size on sessions are shed.
func (sh *shard) measured() {
	m := &sh.memory
	r := &m.relief
	live, ending := r.live.sum(), r.end.sum()
	r.bytes = 0
	if live+ending > m.share(heldSixteenths) {
		r.bytes = live - m.share(relievedSixteenths)
	}
	r.from = r.live.threshold(r.bytes)
	r.live, r.end = sizes{}, sizes{}
	r.next((*shard).shedOne, (*shard).shedEnough)
}

// shedOne ends a session if it is one of those that hold the most, and adds the bytes that it then holds.
func (sh *shard) shedOne(s *session) (cost int) {
	r := &sh.memory.relief
	if n := s.holds(); !s.ending() && r.bytes > 0 && sizeClass(n) >= r.from {
		r.bytes -= n
		sh.shed(s)
		cost = reliefCloseCost
	}
	sh.measureOne(s)
	return cost
}

// shedEnough decides from which size on ending sessions are cut off, including those that were just shed.
func (sh *shard) shedEnough() {
	m := &sh.memory
	r := &m.relief
	r.bytes = r.live.sum() + r.end.sum() - m.limit
	r.from = r.end.threshold(r.bytes)
	r.next((*shard).cutOne, (*shard).relieved)
}

// cutOne closes the socket of an ending session if it is one of those that hold the most.
func (sh *shard) cutOne(s *session) (cost int) {
	r := &sh.memory.relief
	if n := s.holds(); s.ending() && r.bytes > 0 && sizeClass(n) >= r.from {
		r.bytes -= n
		s.conn.Abort()
		cost = reliefCloseCost
	}
	return cost
}

// relieved ends the relief.
func (sh *shard) relieved() {
	m := &sh.memory
	held := m.limit + m.relief.bytes // without what was cut off, whose sockets close when the turn is over
	m.relief = relief{}
	m.lookAbove(held)
}

// sizes adds up bytes by the size class of their holder: eight classes for each power of two.
type sizes [256]int

func (z *sizes) add(bytes int) { z[sizeClass(bytes)] += bytes }

func (z *sizes) sum() (bytes int) {
	for _, n := range z {
		bytes += n
	}
	return bytes
}

// threshold returns the highest class such that it and the classes above it hold at least the given number of bytes; a
// class above all others if that number is not positive.
func (z *sizes) threshold(bytes int) (class int) {
	for class = len(z); bytes > 0 && class > 1; {
		class--
		bytes -= z[class]
	}
	return class
}

// sizeClass returns the size itself below 16, otherwise its four leading bits and their place.
func sizeClass(bytes int) int {
	shift := max(0, bits.Len32(uint32(bytes))-4)
	return 8*shift + bytes>>shift
}
