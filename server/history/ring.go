package history

import (
	"encoding/binary"

	"github.com/google/uuid"
)

// ring holds records in one circular buffer, oldest first. A record never wraps: where it does not fit at the end of the
// buffer, it begins at the start, and the end is marked.
type ring struct {
	buf        []byte
	head, tail uint32 // where the oldest record begins, and where the next one will
	count      uint32
	used       uint32 // bytes of the records
	index      *index // nil while there have been few records
}

// record is a message in a ring: the length of the frame with a bit that says whether there is a sender, the time, the
// sender, and the frame.
type record []byte

const (
	recordHead = 8  // bytes of length and time
	senderSize = 16 // bytes
	senderFlag = 1 << 31
	wrapMark   = 0 // a length that no record has
)

func recordSize(frame []byte, from uuid.UUID) uint32 {
	n := uint32(recordHead + len(frame))
	if from != uuid.Nil {
		n += senderSize
	}
	return n
}

func (r record) size() uint32   { return binary.LittleEndian.Uint32(r) &^ senderFlag }
func (r record) sent() bool     { return binary.LittleEndian.Uint32(r)&senderFlag != 0 }
func (r record) second() uint32 { return binary.LittleEndian.Uint32(r[4:]) }

func (r record) from() (id uuid.UUID) {
	if r.sent() {
		copy(id[:], r[recordHead:])
	}
	return id
}

func (r record) frame() []byte {
	if r.sent() {
		return r[recordHead+senderSize:]
	}
	return r[recordHead:]
}

// resolve returns where the record at an offset begins: at the start of the buffer if the offset is that of the end mark.
func (g *ring) resolve(offset uint32) uint32 {
	if int(offset)+4 > len(g.buf) || binary.LittleEndian.Uint32(g.buf[offset:]) == wrapMark {
		return 0
	}
	return offset
}

// all yields the records, oldest first.
func (g *ring) all(yield func(record) bool) { g.from(0, yield) }

// from yields the records but for the given number of oldest ones.
func (g *ring) from(first uint32, yield func(record) bool) {
	at, offset, ok := g.index.near(first)
	if !ok {
		offset = g.head
	}
	for ; at < g.count; at++ {
		offset = g.resolve(offset)
		r := record(g.buf[offset:])
		r = r[:r.size()]
		if at >= first && !yield(r) {
			return
		}
		offset += uint32(len(r))
	}
}

// first returns the oldest record. There must be one.
func (g *ring) first() record {
	r := record(g.buf[g.resolve(g.head):])
	return r[:r.size()]
}

// drop removes the oldest record.
func (g *ring) drop() {
	n := g.first().size()
	g.head = g.resolve(g.head) + n
	g.used -= n
	g.index.dropped()
	if g.count--; g.count == 0 {
		g.head, g.tail, g.index = 0, 0, nil
	}
}

// add appends a record.
func (g *ring) add(frame []byte, from uuid.UUID, second uint32) {
	n := recordSize(frame, from)
	if !g.fits(n) {
		g.grow(n)
	}
	r := g.buf[g.tail : g.tail+n]
	g.index.added(g.count, g.tail)
	g.tail += n
	g.used += n
	g.count++
	length := n
	if from != uuid.Nil {
		length |= senderFlag
		copy(r[recordHead:], from[:])
	}
	binary.LittleEndian.PutUint32(r, length)
	binary.LittleEndian.PutUint32(r[4:], second)
	copy(r[n-uint32(len(frame)):], frame)
	if g.index == nil && g.count == indexFrom {
		g.list()
	}
}

// list makes the index.
func (g *ring) list() {
	g.index = new(index)
	at, offset := uint32(0), g.head
	for r := range g.all {
		offset = g.resolve(offset)
		g.index.added(at, offset)
		offset += uint32(len(r))
		at++
	}
}

// fits makes tail the place of a record of n bytes, and reports whether there is one.
func (g *ring) fits(n uint32) bool {
	size := uint32(len(g.buf))
	if g.count > 0 && g.tail <= g.head { // the records wrap
		return g.head-g.tail >= n
	}
	if size-g.tail >= n {
		return true
	}
	if g.count == 0 || g.head < n {
		return false
	}
	if size-g.tail >= 4 {
		binary.LittleEndian.PutUint32(g.buf[g.tail:], wrapMark)
	}
	g.tail = 0
	return true
}

// grow moves the records to a larger buffer with room for n bytes more. It grows by a sixteenth, so that memory is the
// records' and little more; a record is then moved sixteen times on average until the ring is full.
func (g *ring) grow(n uint32) {
	buf := append([]byte(nil), make([]byte, max(g.used+n, g.used+g.used/16))...)
	larger := ring{buf: buf[:cap(buf)], count: g.count, used: g.used}
	for r := range g.all {
		larger.tail += uint32(copy(larger.buf[larger.tail:], r))
	}
	listed := g.index != nil
	if *g = larger; listed {
		g.list()
	}
}
