package fanout

import "github.com/google/uuid"

// Fanout is one reactor's. Messages for everybody lie in a log of segments: the active one is on its way round the
// members, the others wait, and what arrives is added to the last. A member gets everything a segment holds in one
// write, whoever sent it, so the busier the reactor is, the fewer writes a message costs.
//
// How much of the log a member has had stands in its Member as a segment's number and an offset. Messages for one
// member alone lie in a queue of its own (see queue.go).
type Fanout[S Sink] struct {
	members    []S
	compressed int // members that take compressed frames
	cursor     int // members before it have had the active segment
	active     *segment
	waiting    []*segment // at least one; the last is being filled
	spare      []*segment
	bytes      int    // in waiting
	order      uint32 // of the frame that was posted last

	queues  []queue[S]
	free    []int32  // queues that no member has
	visits  []int32  // queues of the members that this turn and the next ones visit
	late    int      // members that the pass has left to their visit
	queued  int      // bytes in queues
	most    int      // bytes that one member's queue may hold
	none    queue[S] // of a member that has none
	scratch []byte
}

// New makes a fan-out without members. One that is owed more than the given bytes of messages for it alone overflows.
func New[S Sink](most int) Fanout[S] {
	return Fanout[S]{active: &segment{}, waiting: []*segment{{number: 1}}, most: most}
}

// Members returns how many there are.
func (f *Fanout[S]) Members() int { return len(f.members) }

// Waits is what waits to be sent.
type Waits struct {
	Bytes  int    // for a pass over the members
	Since  uint32 // when the oldest of those was posted, by the caller's clock; 0 if there are none
	Queued int    // bytes in the queues of single members
}

// Waiting returns what waits to be sent.
func (f *Fanout[S]) Waiting() Waits { return Waits{f.bytes, f.waiting[0].posted, f.queued} }

// Add posts a frame for everybody but the user from; the zero UUID excludes nobody. compressed is the same frame
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

// last returns the segment that is being filled, a new one if the frame to come would make it too large.
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

// Join adds a member. It gets what is posted from now on.
func (f *Fanout[S]) Join(s S) {
	g := f.waiting[len(f.waiting)-1]
	f.members = append(f.members, s)
	*s.Member() = Member{index: int32(len(f.members)), segment: g.number, offset: uint32(len(g.bytes))}
	if s.Compressed() {
		f.compressed++
	}
}

// Leave removes a member in O(1), whatever is owed to it, and keeps those that have had the active segment before the
// cursor.
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

// Count is what a turn's fan-out came to.
type Count struct {
	Messages uint64 // deliveries: one for each member that a message was sent to
}

// Advance visits the members with a queue, then makes up to about budget sends of the active segment, and says whether
// more is waiting. A member gets at most one segment a turn: between turns its socket can take what was queued for it.
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

// PassOver says whether every member has had the active segment, and when its oldest frame was posted; 0 if that was
// asked before.
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

// serve sends a member what it has not had of the active segment, and returns how many bytes that were.
func (f *Fanout[S]) serve(s S, sent *Count) int {
	g, m := f.active, s.Member()
	start, owed := g.missing(m)
	switch {
	case !owed:
		return 0
	case m.queue != 0: // its visit brings it this segment, and what else is owed to it
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

// missing returns from which offset on a member has not had the segment, and whether there is such a part.
func (g *segment) missing(m *Member) (from uint32, any bool) {
	switch ahead := int32(g.number - m.segment); {
	case ahead < 0:
		return 0, false // the member has been served beyond this segment
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
