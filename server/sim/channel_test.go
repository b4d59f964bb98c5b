package sim

import (
	"encoding/binary"
	"strconv"
	"time"
)

// channel is the model of the broadcast or of one user's direct messages: their order, their numbers, and which of them the
// node keeps.
type channel struct {
	bounds
	all       []*message
	surely    window // the messages that the node must keep, age apart
	perhaps   window // the messages that it may keep
	forgotten int    // the node has forgotten the channel after this many messages; -1: never
	era       *era
}

// bounds says how much a channel keeps.
type bounds struct {
	messages, bytes int
	age             time.Duration
	shared          bool // the channel shares memory with others, and may have to give up its messages to them
}

func (b *bounds) keep() bool { return b.messages > 0 && b.bytes > 0 && b.age > 0 }

// window is the end of a channel, within its bounds.
type window struct{ from, bytes int }

// era is the time from one making of a channel to its being forgotten. Its numbers have no holes.
type era struct {
	first  int    // index of the first message
	after  uint64 // a number that all of this era's are above
	offset uint64 // the number before the first one
	known  bool   // offset is
	loose  bool   // nothing is kept: a message that is dropped may take a number too
}

func newChannel(b bounds) channel {
	return channel{bounds: b, forgotten: -1, era: &era{loose: !b.keep()}}
}

// post gives a message its place in the channel, and reports whether the node keeps it.
func (ch *channel) post(said *message, now time.Time) (stored bool) {
	said.at, said.index, said.era = now, len(ch.all), ch.era
	ch.all = append(ch.all, said)
	if !ch.keep() {
		ch.surely.from, ch.perhaps.from = len(ch.all), len(ch.all)
		return false
	}
	said.measure()
	ch.slide(&ch.surely, atMost)
	ch.slide(&ch.perhaps, atLeast)
	said.unsure = ch.perhaps.from < len(ch.all) && ch.surely.from == len(ch.all)
	return ch.surely.from < len(ch.all)
}

// slide moves a window until it includes the last message and is within the bounds, if messages have the given one of their
// sizes.
func (ch *channel) slide(w *window, which int) {
	for w.bytes += ch.all[len(ch.all)-1].sizes[which]; len(ch.all)-w.from > ch.messages || w.bytes > ch.bytes; w.from++ {
		w.bytes -= ch.all[w.from].sizes[which]
	}
}

const (
	atLeast = iota
	atMost
)

// maxDigits is how many a number has at most that the model does not know.
const maxDigits = 7

// measure sets how many bytes the message is kept with: its frame, 8 bytes, and the sender of a broadcast.
func (m *message) measure() {
	digits := [2]int{1, maxDigits}
	if n := m.number(); n > 0 {
		digits[atLeast] = len(strconv.FormatUint(n, 10))
		digits[atMost] = digits[atLeast]
	}
	for i := range digits {
		payload := len(m.text) + len(`,"seq":`) + digits[i]
		m.sizes[i] = 8 + len(appendHeader(nil, payload)) + payload
		if m.to == nil && m.from != nil {
			m.sizes[i] += 16
		}
	}
}

// appendHeader appends the header of a frame from the server (RFC 6455 §5.2).
func appendHeader(dst []byte, payload int) []byte {
	switch {
	case payload <= 125:
		return append(dst, finBit|opText, byte(payload))
	case payload <= 0xffff:
		return binary.BigEndian.AppendUint16(append(dst, finBit|opText, 126), uint16(payload))
	}
	return binary.BigEndian.AppendUint64(append(dst, finBit|opText, 127), uint64(payload))
}

// forget says that the node has forgotten the channel: nothing before is kept, and later numbers are higher.
func (ch *channel) forget() {
	ch.forgotten = len(ch.all)
	ch.era = &era{first: len(ch.all), after: ch.era.last(len(ch.all)), loose: ch.era.loose}
	ch.surely, ch.perhaps = window{from: len(ch.all)}, window{from: len(ch.all)}
}

// last is the number of the last message of an era that ends before the given index, or a number that it is not below.
func (e *era) last(before int) uint64 {
	if e.known {
		return e.offset + uint64(before-e.first)
	}
	return e.after + uint64(before-e.first)
}

// numbered reports whether a number can be that of the last message before the given index. The first answer decides, unless
// the era is loose.
func (e *era) numbered(before int, number uint64) bool {
	if e.loose {
		return number >= e.after+uint64(before-e.first)
	}
	if n := uint64(before - e.first); !e.known && number >= e.after+n {
		e.known, e.offset = true, number-n
	}
	return e.known && number == e.last(before)
}

// number is the message's number, or 0 if the model does not know it yet.
func (m *message) number() uint64 {
	if m.era == nil || !m.era.known {
		return 0
	}
	return m.era.last(m.index + 1)
}

// reasons are why something may be missing.
type reasons uint8

const (
	expired reasons = 1 << iota
	tooMany
)

// lacks says why the node may be without some of the messages from an index on, and why it must be.
func (ch *channel) lacks(from int, now time.Time) (may, must reasons) {
	if from <= ch.forgotten {
		may = expired // the user was away for longer than anything is kept
	}
	if from < ch.forgotten {
		must = expired
		from = ch.forgotten
	}
	if from == len(ch.all) {
		if !ch.keep() {
			may |= expired // a message that was dropped is missing too
		}
		return may, must
	}
	if !ch.keep() {
		return expired | tooMany, expired
	}
	if from < ch.surely.from || ch.shared {
		may |= tooMany
	}
	if from < ch.perhaps.from {
		must |= tooMany
	}
	if old := now.Sub(ch.all[from].at); old > ch.age {
		may |= expired
		if old > ch.age+time.Second {
			must |= expired
		}
	}
	return may, must
}
