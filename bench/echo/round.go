package main

import "momentum/protocol"

// round sends broadcast frames to the sessions of one loop. Frames that arrive while others are being sent are
// collected and sent next, so that a member gets all of them in one write. A session that joins during a round gets
// that round too.
type round struct {
	members []*session
	cursor  int    // members below it have received the active frames
	active  []byte // frames that are being sent, concatenated
	pending []byte // frames that are sent next
}

// add makes a frame of a message, and returns it in place.
func (r *round) add(op protocol.OpCode, payload []byte) (frame []byte) {
	from := len(r.pending)
	r.pending = protocol.AppendFrame(r.pending, op, payload)
	return r.pending[from:]
}

func (r *round) join(s *session) {
	s.member, s.had = int32(len(r.members)), 0
	r.members = append(r.members, s)
}

// leave removes a member in O(1). Members that have received the active frames stay below the cursor.
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

// catchUp sends a member everything that it has not received yet, before its turn.
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

// advance makes up to budget sends and reports whether more is waiting.
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

// next starts to send what has been collected, if there is anything and any member.
func (r *round) next() bool {
	r.active, r.pending = r.pending, trim(r.active)
	r.cursor = 0
	return len(r.active) > 0 && len(r.members) > 0
}
