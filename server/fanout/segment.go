package fanout

import (
	"sort"

	"github.com/google/uuid"
)

// segment is a run of frames for all members, encoded and contiguous.
type segment struct {
	number     uint32
	bytes      []byte
	compressed []byte // the same frames for members that agreed to compression
	marks      []mark
	senders    uint64 // a bit for each sender's hash: a user with a clear bit has sent none of these
	posted     uint32 // when the first of them was posted, by the caller's clock
	partial    bool   // some frames are missing in compressed, because no member took them when they were posted
}

// mark is the end of one frame in its segment, the frame's place in the order of all posts to the reactor, and the
// user that must not get it.
type mark struct {
	end, compressedEnd uint32
	order              uint32
	from               uuid.UUID
}

func senderBit(id uuid.UUID) uint64 { return 1 << (id[15] & 63) }

// add appends a frame; compressed is the same frame compressed, or nothing if that saves too little.
func (g *segment) add(frame, compressed []byte, m mark, anyCompressed bool) {
	g.bytes = append(g.bytes, frame...)
	switch {
	case !anyCompressed:
		g.partial = true
	case len(compressed) > 0:
		g.compressed = append(g.compressed, compressed...)
	default:
		g.compressed = append(g.compressed, frame...)
	}
	m.end, m.compressedEnd = uint32(len(g.bytes)), uint32(len(g.compressed))
	g.marks = append(g.marks, m)
	if m.from != uuid.Nil {
		g.senders |= senderBit(m.from)
	}
}

// after returns the index of the first frame that begins at the offset or after it.
func (g *segment) after(offset uint32) int {
	if offset == 0 {
		return 0
	}
	return sort.Search(len(g.marks), func(i int) bool { return g.marks[i].end > offset })
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

func (g *segment) reset() {
	g.bytes, g.compressed, g.marks = trim(g.bytes), trim(g.compressed), g.marks[:0]
	g.senders, g.posted, g.partial = 0, 0, false
	if cap(g.marks) > keepBytes/markBytes {
		g.marks = nil
	}
}

// trim empties a buffer for its next use, or frees it if a burst has made it large.
func trim(b []byte) []byte {
	if cap(b) > keepBytes {
		return nil
	}
	return b[:0]
}
