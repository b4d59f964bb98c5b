package main

// round brings frames for everybody to the sessions of one loop. What arrives while one run of frames goes
// round its members is collected and goes round next, so that a member gets all of it in one write. Who joins in
// the middle of a round gets that one too.
type round struct {
	members []*session
	cursor  int    // members before it have had the active frames
	active  []byte // frames on their way round, end to end
	pending []byte // frames that go round next
	frame   []byte // scratch for one
}

func (r *round) add(frame []byte) { r.pending = append(r.pending, frame...) }

func (r *round) join(s *session) {
	s.member = int32(len(r.members))
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

// advance makes up to budget sends and says whether more is waiting.
func (r *round) advance(budget int) (more bool) {
	for ; budget > 0; budget-- {
		if (len(r.active) == 0 || r.cursor == len(r.members)) && !r.next() {
			return false
		}
		s := r.members[r.cursor]
		r.cursor++
		s.conn.Send(r.active)
	}
	return true
}

// next begins the round of what has been collected, if there is anything and anybody.
func (r *round) next() bool {
	r.active, r.pending = r.pending, trim(r.active)
	r.cursor = 0
	return len(r.active) > 0 && len(r.members) > 0
}
