package fanout

import "github.com/google/uuid"

// Fanout is the fan-out of one reactor. Messages for all members lie in a log of segments: the active one is being
// sent to the members in turn, the others wait, and new messages are added to the last. A member gets all messages of
// a segment in one write, even from different senders, so the busier the reactor is, the fewer writes a message costs.
//
// A member's position in the log is kept in its Member, as a segment's number and an offset. Messages for a single
// member lie in a queue of its own (see queue.go).
type Fanout[S Sink] struct {
	members    []S
	compressed int // members that take compressed frames
	cursor     int // members before it have got the active segment
	active     *segment
	waiting    []*segment // at least one; the last is being filled
	spare      []*segment
	bytes      int    // in waiting
	order      uint32 // of the frame that was posted last

	queues  []queue[S]
	free    []int32  // queues without a member
	visits  []int32  // queues of the members to visit in this turn and the next ones
	late    int      // members that the pass has left to their visit
	queued  int      // bytes in queues
	most    int      // limit on the bytes in one member's queue
	none    queue[S] // returned for a member without a queue
	scratch []byte
}

// New makes a fan-out without members. A member with more than the given number of bytes in its queue overflows.
func New[S Sink](most int) Fanout[S] {
	return Fanout[S]{active: &segment{}, waiting: []*segment{{number: 1}}, most: most}
}

// Members returns the number of members.
func (f *Fanout[S]) Members() int { return len(f.members) }

// Waits describes the messages that wait to be sent.
type Waits struct {
	Bytes  int    // for a pass over the members
	Since  uint32 // when the oldest of those was posted, by the caller's clock; 0 if there are none
	Queued int    // bytes in the queues of single members
}

// Waiting returns a description of the messages that wait.
func (f *Fanout[S]) Waiting() Waits { return Waits{f.bytes, f.waiting[0].posted, f.queued} }

// Add posts a frame for all but the user from; the zero UUID excludes no user. compressed is the same frame
// compressed, or nothing where that is not worth it; at is the caller's time, which is not 0.
func (f *Fanout[S]) Add(frame, compressed []byte, from uuid.UUID, at uint32) {
	g := f.last(len(frame))
	f.bytes += len(frame)
	f.order++
	g.add(frame, compressed, mark{order: f.order, from: from}, f.compressed > 0)
	if g.posted == 0 {
		g.posted = at
	}
}

// last returns the segment that is being filled, or a new one if the next frame would make it too large.
func (f *Fanout[S]) last(frame int) *segment {
	g := f.waiting[len(f.waiting)-1]
	if len(g.bytes) == 0 || len(g.bytes)+frame <= SegmentBytes {
		return g
	}
	next := &segment{}
	if len(f.spare) > 0 {
		next = pop(&f.spare)
	}
	next.number = g.number + 1
	f.waiting = append(f.waiting, next)
	return next
}

// Join adds a member. It gets the messages that are posted from now on.
func (f *Fanout[S]) Join(s S) {
	g := f.waiting[len(f.waiting)-1]
	f.members = append(f.members, s)
	*s.Member() = Member{index: int32(len(f.members)), segment: g.number, offset: uint32(len(g.bytes))}
	if s.Compressed() {
		f.compressed++
	}
}

// Leave removes a member in O(1), whether or not messages wait for it, and keeps the members that have got the active
// segment before the cursor.
func (f *Fanout[S]) Leave(s S) {
	m := s.Member()
	hole := int(m.index) - 1
	if m.queue != 0 {
		f.release(m)
	}
	*m = Member{}
	if s.Compressed() {
		f.compressed--
	}
	if hole < f.cursor {
		f.cursor--
		f.move(f.cursor, hole)
		hole = f.cursor
	}
	last := len(f.members) - 1
	f.move(last, hole)
	var none S
	f.members[last] = none
	f.members = f.members[:last]
}

func (f *Fanout[S]) move(from, to int) {
	if from != to {
		f.members[to] = f.members[from]
		f.members[to].Member().index = int32(to) + 1
	}
}

// Count counts the results of a turn's fan-out.
type Count struct {
	Messages uint64 // deliveries: one for each member to which a message was sent
}

// Advance visits the members with a queue, then makes up to about budget sends of the active segment, and reports
// whether more is waiting. A member gets at most one segment a turn: between turns its socket can take the bytes that
// were queued for it.
func (f *Fanout[S]) Advance(budget int, sent *Count) (more bool) {
	waited := f.late > 0
	more = f.visitQueues(sent)
	if f.cursor == len(f.members) && waited && f.late == 0 { // the pass is over with this turn, as PassOver says
		return more || len(f.waiting[0].bytes) > 0
	}
	if f.cursor == len(f.members) && (f.late > 0 || !f.nextSegment()) {
		return more
	}
	for f.cursor < len(f.members) && budget > 0 {
		s := f.members[f.cursor]
		f.cursor++
		budget -= 1 + f.serve(s, sent)/bytesPerSend
	}
	return more || f.cursor < len(f.members) || len(f.waiting[0].bytes) > 0
}

// PassOver reports whether every member has got the active segment, and when its oldest frame was posted; 0 if
// PassOver returned that before.
func (f *Fanout[S]) PassOver() (posted uint32, over bool) {
	if f.cursor < len(f.members) || f.late > 0 {
		return 0, false
	}
	posted, f.active.posted = f.active.posted, 0
	return posted, true
}

// nextSegment ends the pass of the active segment and begins that of the first waiting one, if it holds anything.
func (f *Fanout[S]) nextSegment() bool {
	f.scratch = trim(f.scratch)
	f.active.reset()
	first := f.waiting[0]
	if len(first.bytes) == 0 {
		return false
	}
	f.bytes -= len(first.bytes)
	f.active.number = f.waiting[len(f.waiting)-1].number + 1
	if len(f.waiting) == 1 { // the emptied one is filled next
		f.waiting[0], f.active = f.active, first
	} else {
		f.spare = append(f.spare, f.active)
		copy(f.waiting, f.waiting[1:])
		f.waiting[len(f.waiting)-1] = nil
		f.waiting = f.waiting[:len(f.waiting)-1]
		f.active = first
		f.spare = f.spare[:min(len(f.spare), keepSegments)]
	}
	f.cursor = 0
	return true
}

// serve sends a member the rest of the active segment, and returns the number of bytes sent.
func (f *Fanout[S]) serve(s S, sent *Count) int {
	g, m := f.active, s.Member()
	start, owed := g.missing(m)
	switch {
	case !owed:
		return 0
	case m.queue != 0: // its visit brings it this segment and all its other messages
		f.queues[m.queue-1].late = true
		f.late++
		return 0
	}
	out := g.bytes
	compressed := s.Compressed()
	if compressed {
		out = g.compressed
	}
	if g.senders&senderBit(s.User()) != 0 || start > 0 || compressed && g.partial {
		out = f.scratch[:0]
		for i := g.after(start); i < len(g.marks); i++ {
			if g.marks[i].from != s.User() {
				out = append(out, g.frame(i, compressed)...)
				sent.Messages++
			}
		}
		f.scratch = out
	} else {
		sent.Messages += uint64(len(g.marks))
	}
	m.segment, m.offset = g.number, uint32(len(g.bytes))
	s.Send(out)
	return len(out)
}

// missing returns the offset from which a member has not got the segment, and whether there is such a part.
func (g *segment) missing(m *Member) (from uint32, any bool) {
	switch ahead := int32(g.number - m.segment); {
	case ahead < 0:
		return 0, false // the member has already got later segments
	case ahead == 0:
		from = m.offset
	}
	return from, int(from) < len(g.bytes)
}

func pop[T any](list *[]T) T {
	last := (*list)[len(*list)-1]
	*list = (*list)[:len(*list)-1]
	return last
}
