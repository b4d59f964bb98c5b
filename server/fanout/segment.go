package fanout

import (
	"sort"

	"github.com/google/uuid"
)

// segment is a run of frames for the members of one log, encoded and contiguous.
type segment struct {
	bytes       []byte
	compressed  []byte // the same frames for members that agreed to compression
	marks       []mark
	first, last uint32   // order numbers of its first frame and its last one
	posted      uint32   // when the first of them was posted, by the caller's clock
	partial     bool     // some frames are missing in compressed, because no member took them when they were posted
	senders     uint64   // a bit for each sender's hash: a user with a clear bit has sent none of these
	next        *segment // of its log

	older, newer *segment // of all segments that wait for their pass
}

// mark is the end of one frame in its segment, the frame's place in the order of all posts to the reactor, and the
// user that must not get it.
type mark struct {
	end, compressedEnd uint32
	order              uint32
	from               uuid.UUID
}

func senderBit(id uuid.UUID) uint64 { return 1 << (id[15] & 63) }

// post is a frame to be added to a log.
type post struct {
	frame      []byte
	compressed []byte // the same frame compressed, or nothing if that saves too little
	from       uuid.UUID
	at         uint32
	wanted     bool // compressed is wanted: some member takes compressed frames
}

// add appends a frame.
func (g *segment) add(p *post, order uint32) {
	g.bytes = append(g.bytes, p.frame...)
	switch {
	case !p.wanted:
		g.partial = true
	case len(p.compressed) > 0:
		g.compressed = append(g.compressed, p.compressed...)
	default:
		g.compressed = append(g.compressed, p.frame...)
	}
	if len(g.marks) == 0 {
		g.first = order
	}
	g.last = order
	g.marks = append(g.marks, mark{uint32(len(g.bytes)), uint32(len(g.compressed)), order, p.from})
	if p.from != uuid.Nil {
		g.senders |= senderBit(p.from)
	}
}

// after returns the index of the first frame that was posted after the given one.
func (g *segment) after(order uint32) int {
	if before(order, g.first) {
		return 0
	}
	return sort.Search(len(g.marks), func(i int) bool { return before(order, g.marks[i].order) })
}

// frame returns one frame in the form that the member takes.
func (g *segment) frame(i int, compressed bool) []byte {
	var start, compressedStart uint32
	if i > 0 {
		start, compressedStart = g.marks[i-1].end, g.marks[i-1].compressedEnd
	}
	if m := &g.marks[i]; compressed && m.compressedEnd > compressedStart {
		return g.compressed[compressedStart:m.compressedEnd]
	}
	return g.bytes[start:g.marks[i].end]
}

// all returns the frames, and whether a member gets all of them: it was there before the first one, and its user has sent none.
func (g *segment) all(user uuid.UUID, compressed bool, after uint32) (frames []byte, whole bool) {
	if g.senders&senderBit(user) != 0 || !before(after, g.first) || compressed && g.partial {
		return nil, false
	}
	if compressed {
		return g.compressed, true
	}
	return g.bytes, true
}

// appendTo appends the frames that were posted after a position, and not by the user, to dst, and returns how many there are.
func (g *segment) appendTo(dst []byte, user uuid.UUID, compressed bool, after uint32) (frames []byte, n int) {
	if all, whole := g.all(user, compressed, after); whole {
		return append(dst, all...), len(g.marks)
	}
	for i := g.after(after); i < len(g.marks); i++ {
		if g.marks[i].from != user {
			dst = append(dst, g.frame(i, compressed)...)
			n++
		}
	}
	return dst, n
}

// bytesFrom returns how many bytes the frame i and those after it have.
func (g *segment) bytesFrom(i int) int {
	if i == 0 {
		return len(g.bytes)
	}
	return len(g.bytes) - int(g.marks[i-1].end)
}

func (g *segment) reset() {
	bytes, compressed, marks := trim(g.bytes), trim(g.compressed), g.marks[:0]
	if cap(marks) > keepBytes/markBytes {
		marks = nil
	}
	*g = segment{bytes: bytes, compressed: compressed, marks: marks}
}

// size returns the bytes of the segment's buffers.
func (g *segment) size() int { return cap(g.bytes) + cap(g.compressed) + cap(g.marks)*markBytes }

// trim empties a buffer for its next use, or frees it if a burst has made it large.
func trim(b []byte) []byte {
	if cap(b) > keepBytes {
		return nil
	}
	return b[:0]
}
