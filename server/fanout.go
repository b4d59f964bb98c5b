package server

import (
	"github.com/google/uuid"
)

// fanout brings what is for everybody to the sessions of one reactor. It is a log of frames in two segments:
// the active one is on its way round the members, the pending one collects what arrives meanwhile and goes
// round next. A member gets everything a segment holds in one write, whoever sent it, so the busier the
// reactor, the fewer writes a message costs.
//
// How much of the log a member has had stands in its session as a segment number and an offset. A message
// for that member alone is thereby never overtaken by, and never overtakes, what its sender said to all
// before: catchUp gives the member the rest of the log first.
type fanout struct {
	members []*session
	packers int // members that take packed frames
	cursor  int // members before it have had the active segment
	active  segment
	pending segment
	scratch []byte
}

// segment is a run of frames, encoded and contiguous.
type segment struct {
	number  uint32
	bytes   []byte
	packed  []byte // the same frames as those get them with whom compression is agreed
	frames  []mark
	senders uint64 // a bit for each sender's hash: whose bit is clear has sent none of these
	partial bool   // some frames are missing in packed, from when nobody took them
}

// mark is the end of one frame in its segment, and the user who must not get it.
type mark struct {
	end, packedEnd uint32
	from           uuid.UUID
}

func newFanout() fanout { return fanout{pending: segment{number: 1}} }

func senderBit(id uuid.UUID) uint64 { return 1 << (id[15] & 63) }

// add appends a frame for everybody but the user from; the zero UUID excludes nobody. packed is the frame
// compressed, or nothing where that is not worth it.
func (f *fanout) add(frame, packed []byte, from uuid.UUID) {
	p := &f.pending
	p.bytes = append(p.bytes, frame...)
	switch {
	case f.packers == 0:
		p.partial = true
	case len(packed) > 0:
		p.packed = append(p.packed, packed...)
	default:
		p.packed = append(p.packed, frame...)
	}
	p.frames = append(p.frames, mark{uint32(len(p.bytes)), uint32(len(p.packed)), from})
	if from != uuid.Nil {
		p.senders |= senderBit(from)
	}
}

// join adds a member. It gets what is posted from now on.
func (f *fanout) join(s *session) {
	s.member = int32(len(f.members))
	s.segment, s.offset = f.pending.number, uint32(len(f.pending.bytes))
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

// advance makes up to about budget sends and says whether more is waiting. When senders are faster than
// that, it goes on until the backlog is gone, and the sockets wait.
func (f *fanout) advance(budget int, sent *fanoutCount) (more bool) {
	for budget > 0 || len(f.pending.bytes) > backlogBytes {
		if f.cursor == len(f.members) && !f.nextSegment() {
			return false
		}
		for f.cursor < len(f.members) && (budget > 0 || len(f.pending.bytes) > backlogBytes) {
			s := f.members[f.cursor]
			f.cursor++
			budget -= 1 + f.serve(s, sent)/bytesPerSend
		}
	}
	return true
}

// nextSegment ends the round of the active segment and begins that of the pending one, if there is any.
func (f *fanout) nextSegment() bool {
	f.active.reset()
	f.scratch = trim(f.scratch)
	if len(f.pending.bytes) == 0 {
		return false
	}
	f.active, f.pending = f.pending, f.active
	f.pending.number = f.active.number + 1
	f.cursor = 0
	return true
}

func (g *segment) reset() {
	g.bytes, g.packed, g.frames, g.senders, g.partial = trim(g.bytes), trim(g.packed), g.frames[:0], 0, false
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
	if f.active.senders&senderBit(s.user.id) != 0 || start > 0 || s.takesPacked() && f.active.partial {
		f.scratch = f.active.collect(f.scratch[:0], start, s, sent)
		out = f.scratch
	} else {
		sent.messages += uint64(len(f.active.frames))
	}
	s.segment, s.offset = f.active.number, uint32(len(f.active.bytes))
	s.conn.Send(out)
	return len(out)
}

// catchUp appends everything in the log that a member has not had, and counts it as had.
func (f *fanout) catchUp(s *session, dst []byte, sent *fanoutCount) []byte {
	for _, g := range []*segment{&f.active, &f.pending} {
		start := uint32(0)
		switch behind := int32(g.number - s.segment); {
		case behind < 0:
			continue
		case behind == 0:
			start = s.offset
		}
		dst = g.collect(dst, start, s, sent)
		s.segment, s.offset = g.number, uint32(len(g.bytes))
	}
	return dst
}

// collect appends the frames from start on as s takes them, leaving out those of its own user.
func (g *segment) collect(dst []byte, start uint32, s *session, sent *fanoutCount) []byte {
	var at, packedAt uint32
	for i := range g.frames {
		m := &g.frames[i]
		if at >= start && m.from != s.user.id {
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
