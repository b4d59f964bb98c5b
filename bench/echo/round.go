package main

import "momentum/protocol"

// round brings frames for everybody to the sessions of one loop. What arrives while one run of frames goes
// round its members is collected and goes round next, so that a member gets all of it in one write. Who joins in
// the middle of a round gets that one too.
type round struct {
	members []*session
	cursor  int    // members before it have had the active frames
	active  []byte // frames on their way round, end to end
	pending []byte // frames that go round next
}

// add makes a frame of a message, and returns it where it lies.
func (r *round) add(op protocol.OpCode, payload []byte) (frame []byte) {
	from := len(r.pending)
	r.pending = protocol.AppendFrame(r.pending, op, payload)
	return r.pending[from:]
}

func (r *round) join(s *session) {
	s.member, s.had = int32(len(r.members)), 0
	r.members = append(r.members, s)
}

// leave removes a member in O(1), and keeps those that have had the active frames in front of the cursor.
func (r *round) leave(s *session) {
	hole := int(s.member)
	if s.member == notMember {
		return
	}
	s.member = notMember
	if hole < r.cursor {
		r.cursor--
		r.move(r.cursor, hole)
		hole = r.cursor
	}
	last := len(r.members) - 1
	r.move(last, hole)
	r.members[last] = nil
	r.members = r.members[:last]
}

func (r *round) move(from, to int) {
	if from != to {
		r.members[to] = r.members[from]
		r.members[to].member = int32(to)
	}
}

// catchUp sends a member all that it has not had yet, ahead of its turn.
func (r *round) catchUp(s *session) {
	at := int(s.member)
	if s.member == notMember {
		return
	}
	if at >= r.cursor && len(r.active) > 0 {
		s.conn.Send(r.active[s.had:])
		r.move(r.cursor, at)
		r.members[r.cursor], s.member, s.had = s, int32(r.cursor), 0
		r.cursor++
	}
	s.conn.Send(r.pending[s.had:])
	s.had = len(r.pending)
}

// advance makes up to budget sends and says whether more is waiting.
func (r *round) advance(budget int) (more bool) {
	for ; budget > 0; budget-- {
		if (len(r.active) == 0 || r.cursor == len(r.members)) && !r.next() {
			return false
		}
		s := r.members[r.cursor]
		r.cursor++
		s.conn.Send(r.active[s.had:])
		s.had = 0
	}
	return true
}

// next begins the round of what has been collected, if there is anything and anybody.
func (r *round) next() bool {
	r.active, r.pending = r.pending, trim(r.active)
	r.cursor = 0
	return len(r.active) > 0 && len(r.members) > 0
}
