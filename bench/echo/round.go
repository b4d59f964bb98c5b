package main

import "momentum/protocol"

// round broadcasts frames to the sessions of one loop, its members. Frames that arrive during a round are collected for the
// next round, so that a member gets all of them in one write. A session that joins during a round gets that round's frames,
// too.
type round struct {
	members []*session
	cursor  int    // members before it have received the active frames
	active  []byte // frames of the current round, end to end
	pending []byte // frames of the next round
}

// add appends a message as a frame to the next round. The returned frame is valid until the next call.
func (r *round) add(op protocol.OpCode, payload []byte) (frame []byte) {
	from := len(r.pending)
	r.pending = protocol.AppendFrame(r.pending, op, payload)
	return r.pending[from:]
}

func (r *round) join(s *session) {
	s.member, s.had = int32(len(r.members)), 0
	r.members = append(r.members, s)
}

// leave removes a member in O(1). Members that have received the active frames stay before the cursor.
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

// catchUp sends a member all frames that it has not received yet, before its turn.
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

// advance makes up to budget sends and reports whether more wait.
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

// next begins a round of the collected frames. It returns false if there are no frames or no members.
func (r *round) next() bool {
	r.active, r.pending = r.pending, trim(r.active)
	r.cursor = 0
	return len(r.active) > 0 && len(r.members) > 0
}
