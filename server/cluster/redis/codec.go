package redis

import (
	"encoding/binary"
	"errors"
	"strings"
	"time"
	"unsafe"

	"github.com/google/uuid"

	"momentum/server/cluster"
)

// A bundle is the bytes of consecutive messages of one channel, as they are kept and published:
//
//	form (1 byte) | epoch (5) | milliseconds since 1970 (6) | count (varint) | messages, which may be compressed
//	message: flags (1 byte; 1: but, 2: packed) | [but (16)] | later milliseconds (varint) | length (varint) | JSON, which may be packed
//
// All numbers are big-endian. The script puts the number of the first message before it, in decimal, and a colon.
const (
	formPlain      = 2 // 1 had no packed messages
	formCompressed = 3
	bundleHead     = 1 + 5 + 6
	flagBut        = 1
	flagPacked     = 2
)

var (
	errBundle  = errors.New("the bytes are no bundle")
	errVersion = errors.New("a node of another version has written this: all nodes of one cluster must have the same version")
)

// appendBundle appends the bundle of messages, of which there is at least one.
func appendBundle(b []byte, epoch cluster.Epoch, messages []message) []byte {
	sent := messages[0].sent
	var head [16]byte
	binary.BigEndian.PutUint64(head[:], uint64(epoch))
	binary.BigEndian.PutUint64(head[8:], uint64(sent.UnixMilli()))
	form := len(b)
	b = append(b, formPlain)
	b = append(b, head[3:8]...)
	b = append(b, head[10:]...)
	b = binary.AppendUvarint(b, uint64(len(messages)))
	first := len(b)
	for _, m := range messages {
		flags := len(b)
		if m.but == uuid.Nil {
			b = append(b, 0)
		} else {
			b = append(b, flagBut)
			b = append(b, m.but[:]...)
		}
		b = binary.AppendUvarint(b, uint64(max(0, m.sent.Sub(sent).Milliseconds())))
		start := len(b)
		packed, ok := appendPacked(b, m.json)
		if b = packed; ok {
			b[flags] |= flagPacked
		} else {
			b = append(b[:start], m.json...)
		}
		b = insertLength(b, start)
	}
	b, ok := compressFrom(b, first)
	if ok {
		b[form] = formCompressed
	}
	return b
}

// insertLength puts the length of the bytes from start on before them.
func insertLength(b []byte, start int) []byte {
	size := len(b) - start
	var head [binary.MaxVarintLen64]byte
	n := binary.PutUvarint(head[:], uint64(size))
	b = append(b, head[:n]...)
	copy(b[start+n:], b[start:start+size])
	copy(b[start:], head[:n])
	return b
}

// deliveries are messages as a node gets them. Their JSON shares the memory of their entries, or is in room.
type deliveries struct {
	list []cluster.Delivery
	room []byte
}

// roomBytes is the largest room that is kept for the next deliveries.
const roomBytes = 1 << 20

// reset forgets all messages; their memory may be used again.
func (l *deliveries) reset() {
	clear(l.list)
	if l.list, l.room = l.list[:0], l.room[:0]; cap(l.room) > roomBytes {
		l.room = nil
	}
}

// add appends the messages of an entry whose numbers are above after. An entry is the number of its first message, a
// colon, and a bundle.
func (l *deliveries) add(c cluster.Channel, entry string, after uint64) error {
	number, rest, ok := cutNumber(entry)
	if !ok || len(rest) < bundleHead {
		return errBundle
	}
	form := rest[0]
	if form != formPlain && form != formCompressed {
		return errVersion
	}
	b := bytesOf(rest)
	var head [16]byte
	copy(head[3:8], b[1:])
	copy(head[10:], b[6:])
	d := cluster.Delivery{Channel: c, Epoch: cluster.Epoch(binary.BigEndian.Uint64(head[:]))}
	sent := time.UnixMilli(int64(binary.BigEndian.Uint64(head[8:])))
	count, b, ok := cutUvarint(b[bundleHead:])
	if ok && form == formCompressed {
		b, ok = l.decompress(b)
	}
	for ok = ok && count <= bundleMessages; ok && count > 0; count-- {
		d.Seq = number
		if b, ok = l.read(&d, sent, b); ok && number > after {
			l.list = append(l.list, d)
		}
		number++
	}
	if !ok || len(b) > 0 {
		return errBundle
	}
	return nil
}

// read reads one message of a bundle and returns the rest.
func (l *deliveries) read(d *cluster.Delivery, sent time.Time, b []byte) (rest []byte, ok bool) {
	if len(b) == 0 {
		return nil, false
	}
	flags := b[0]
	b, d.But = b[1:], uuid.Nil
	if flags&flagBut != 0 {
		if len(b) < len(d.But) {
			return nil, false
		}
		b = b[copy(d.But[:], b):]
	}
	later, b, ok := cutUvarint(b)
	if !ok || later > 1<<40 {
		return nil, false
	}
	size, b, ok := cutUvarint(b)
	if !ok || size > uint64(len(b)) {
		return nil, false
	}
	d.Sent = sent.Add(time.Duration(later) * time.Millisecond)
	d.JSON = b[:size:size]
	if flags&flagPacked != 0 {
		start := len(l.room)
		if l.room, ok = appendUnpacked(l.room, d.JSON); !ok {
			return nil, false
		}
		d.JSON = l.room[start:len(l.room):len(l.room)]
	}
	return b[size:], true
}

// cutNumber reads the decimal number and the colon at the beginning of an entry.
func cutNumber(entry string) (number uint64, rest string, ok bool) {
	colon := strings.IndexByte(entry[:min(len(entry), 20)], ':')
	if colon <= 0 {
		return 0, "", false
	}
	for _, digit := range []byte(entry[:colon]) {
		if digit < '0' || digit > '9' {
			return 0, "", false
		}
		number = 10*number + uint64(digit-'0')
	}
	return number, entry[colon+1:], true
}

func cutUvarint(b []byte) (value uint64, rest []byte, ok bool) {
	value, n := binary.Uvarint(b)
	if n <= 0 {
		return 0, nil, false
	}
	return value, b[n:], true
}

// bytesOf returns the bytes of a text without a copy. They must not be changed.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// textOf returns bytes as a text without a copy. They must not change any more.
func textOf(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
