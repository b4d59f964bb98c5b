package server

import (
	"sort"

	"github.com/google/uuid"

	"momentum/netpoll"
)

// fanout brings what is for everybody to the sessions of one reactor. It is a log of frames in segments: the
// active one is on its way round the members, the others wait, and what arrives is added to the last. A member
// gets everything a segment holds in one write, whoever sent it, so the busier the reactor, the fewer writes a
// message costs. A segment is bounded well below what may be queued for one member.
//
// How much of the log a member has had stands in its session as a segment number and an offset. A message
// for that member alone is thereby never overtaken by, and never overtakes, what its sender said to all
// before: catchUp gives the member the rest of the log first.
type fanout struct {
	members []*session
	packers int // members that take packed frames
	cursor  int // members before it have had the active segment
	active  *segment
	waiting []*segment // at least one; the last is being filled
	spare   []*segment
	waits   int // bytes in waiting
	scratch []byte
}

// segment is a run of frames, encoded and contiguous.
type segment struct {
	number  uint32
	bytes   []byte
	packed  []byte // the same frames as those get them with whom compression is agreed
	frames  []mark
	senders uint64         // a bit for each sender's hash: whose bit is clear has sent none of these
	posted  netpoll.Moment // when the first of them was
	partial bool           // some frames are missing in packed, from when nobody took them
}

// mark is the end of one frame in its segment, and the user who must not get it.
type mark struct {
	end, packedEnd uint32
	from           uuid.UUID
}

func newFanout() fanout {
	return fanout{active: &segment{}, waiting: []*segment{{number: 1}}}
}

func senderBit(id uuid.UUID) uint64 { return 1 << (id[15] & 63) }

// last returns the segment that is being filled, a new one if the frame to come would make it too large.
func (f *fanout) last(frame int) *segment {
	g := f.waiting[len(f.waiting)-1]
	if len(g.bytes) == 0 || len(g.bytes)+frame <= segmentBytes {
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

// add appends a frame for everybody but the user from; the zero UUID excludes nobody. packed is the frame
// compressed, or nothing where that is not worth it.
func (f *fanout) add(frame, packed []byte, from uuid.UUID) {
	g := f.last(len(frame))
	f.waits += len(frame)
	g.bytes = append(g.bytes, frame...)
	switch {
	case f.packers == 0:
		g.partial = true
	case len(packed) > 0:
		g.packed = append(g.packed, packed...)
	default:
		g.packed = append(g.packed, frame...)
	}
	g.frames = append(g.frames, mark{uint32(len(g.bytes)), uint32(len(g.packed)), from})
	if from != uuid.Nil {
		g.senders |= senderBit(from)
	}
}

// join adds a member. It gets what is posted from now on.
func (f *fanout) join(s *session) {
	g := f.waiting[len(f.waiting)-1]
	s.member = int32(len(f.members))
	s.segment, s.offset = g.number, uint32(len(g.bytes))
	f.members = append(f.members, s)
	if s.takesPacked() {
		f.packers++
	}
}

// leave removes a member in O(1), and keeps those that have had the active segment in front of the cursor.
func (f *fanout) leave(s *session) {
	hole := int(s.member)
	s.member = notMember
	if s.takesPacked() {
		f.packers--
	}
	if hole < f.cursor {
		f.cursor--
		f.move(f.cursor, hole)
		hole = f.cursor
	}
	last := len(f.members) - 1
	f.move(last, hole)
	f.members[last] = nil
	f.members = f.members[:last]
}

func (f *fanout) move(from, to int) {
	if from != to {
		f.members[to] = f.members[from]
		f.members[to].member = int32(to)
	}
}

// advance makes up to about budget sends and says whether more is waiting. A member gets at most one segment
// a turn: between turns its socket can take what was queued for it.
func (f *fanout) advance(budget int, sent *fanoutCount) (more bool) {
	if f.cursor == len(f.members) && !f.nextSegment() {
		return false
	}
	for f.cursor < len(f.members) && budget > 0 {
		s := f.members[f.cursor]
		f.cursor++
		budget -= 1 + f.serve(s, sent)/bytesPerSend
	}
	return f.cursor < len(f.members) || len(f.waiting[0].bytes) > 0
}

// nextSegment ends the round of the active segment and begins that of the first waiting one, if it holds
// anything.
func (f *fanout) nextSegment() bool {
	f.scratch = trim(f.scratch)
	f.active.reset()
	first := f.waiting[0]
	if len(first.bytes) == 0 {
		return false
	}
	f.waits -= len(first.bytes)
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

func (g *segment) reset() {
	g.bytes, g.packed, g.frames, g.senders, g.posted, g.partial = trim(g.bytes), trim(g.packed), g.frames[:0], 0, 0, false
	if cap(g.frames) > keepFanoutBytes/frameMarkBytes {
		g.frames = nil
	}
}

// frameMarkBytes is about what one mark takes in memory.
const frameMarkBytes = 24

// trim empties a buffer for its next use, or gives it up if a burst has made it large.
func trim(b []byte) []byte {
	if cap(b) > keepFanoutBytes {
		return nil
	}
	return b[:0]
}

// serve sends a member what it has not had of the active segment, and returns how many bytes that were.
func (f *fanout) serve(s *session, sent *fanoutCount) int {
	start := uint32(0)
	switch behind := int32(f.active.number - s.segment); {
	case behind < 0:
		return 0 // it has caught up beyond this segment
	case behind == 0:
		start = s.offset
	}
	out := f.active.bytes
	if s.takesPacked() {
		out = f.active.packed
	}
	if f.active.senders&senderBit(s.user.ID) != 0 || start > 0 || s.takesPacked() && f.active.partial {
		f.scratch = f.active.collect(f.scratch[:0], start, s, sent)
		out = f.scratch
	} else {
		sent.messages += uint64(len(f.active.frames))
	}
	s.segment, s.offset = f.active.number, uint32(len(f.active.bytes))
	s.conn.Send(out)
	return len(out)
}

// catchUp appends everything in the log that a member has not had, and counts it as had. What grows beyond a
// segment's size is sent at once, frames whole, so that the outbound limits hold for it.
func (f *fanout) catchUp(s *session, dst []byte, sent *fanoutCount) []byte {
	dst = f.bringUp(f.active, s, dst, sent)
	for _, g := range f.waiting {
		dst = f.bringUp(g, s, sendLong(s, dst), sent)
	}
	return sendLong(s, dst)
}

// sendLong sends what has been gathered for a session if it is long, and returns the buffer for more.
func sendLong(s *session, gathered []byte) []byte {
	if len(gathered) < segmentBytes {
		return gathered
	}
	s.conn.Send(gathered)
	return gathered[:0]
}

func (f *fanout) bringUp(g *segment, s *session, dst []byte, sent *fanoutCount) []byte {
	start := uint32(0)
	switch behind := int32(g.number - s.segment); {
	case behind < 0:
		return dst
	case behind == 0:
		start = s.offset
	}
	dst = g.collect(dst, start, s, sent)
	s.segment, s.offset = g.number, uint32(len(g.bytes))
	return dst
}

// collect appends the frames from start on as s takes them, leaving out those of its own user.
func (g *segment) collect(dst []byte, start uint32, s *session, sent *fanoutCount) []byte {
	if int(start) >= len(g.bytes) {
		return dst
	}
	var at, packedAt uint32
	first := sort.Search(len(g.frames), func(i int) bool { return g.frames[i].end > start })
	if first > 0 {
		at, packedAt = g.frames[first-1].end, g.frames[first-1].packedEnd
	}
	for i := first; i < len(g.frames); i++ {
		m := &g.frames[i]
		if m.from != s.user.ID {
			if s.takesPacked() && m.packedEnd > packedAt {
				dst = append(dst, g.packed[packedAt:m.packedEnd]...)
			} else {
				dst = append(dst, g.bytes[at:m.end]...)
			}
			sent.messages++
		}
		at, packedAt = m.end, m.packedEnd
	}
	return dst
}

// fanoutCount is what a turn's fan-out came to.
type fanoutCount struct {
	messages uint64 // deliveries: one for each member a message was sent to
}

func pop[T any](list *[]T) T {
	last := (*list)[len(*list)-1]
	*list = (*list)[:len(*list)-1]
	return last
}
