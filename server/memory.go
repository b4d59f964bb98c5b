package server

import (
	"cmp"
	"slices"
)

// memory bounds what one reactor keeps for clients that do not read what they are sent, or do not finish what they
// send. Each connection has limits of its own for both; they are generous, because few need them at a time, and what
// all of them together would come to is more than there is.
type memory struct {
	most    int // bytes; 0: no bound
	kept    int // bytes of requests, frames and messages that have not arrived whole
	alarm   int // bytes above which it is looked again at who holds how much
	holders []holder
}

// holder is a session and what it makes the node keep.
type holder struct {
	s     *session
	bytes int
}

func newMemory(most int64, reactors int) memory {
	share := int(most / int64(reactors))
	return memory{most: share, alarm: share / 16 * heldSixteenths}
}

// unfinished is how many bytes are kept for the session of what has not arrived whole. The buffers of a handshake in which
// a new token is checked are not of its session's filling: an earlier one left them.
func (s *session) unfinished() int {
	n := s.decoder.Pending()
	if h := s.handshake; h != nil && !h.renews {
		n += cap(h.head) + cap(h.early)
	}
	return n
}

// weigh notes what has become of the session's share.
func (sh *shard) weigh(s *session) {
	now := uint32(s.unfinished())
	sh.memory.kept += int(now) - int(s.kept)
	s.kept = now
}

// relieve looks whether the reactor keeps too much, which is nearly always all it does. Above half of what there is,
// those who hold the most are closed, and what is queued for them is still offered to them for as long as a close may
// take; above all of it they are cut off. So nobody is closed for what others hold as long as those are there.
func (sh *shard) relieve() {
	m := &sh.memory
	if m.most == 0 || m.kept+sh.reactor.Backlog() <= m.alarm {
		return
	}
	live, closing := sh.weighAll()
	slices.SortFunc(m.holders, func(a, b holder) int { return cmp.Compare(b.bytes, a.bytes) })
	if live+closing > m.part(heldSixteenths) {
		sh.shedLargest(live - m.part(relievedSixteenths))
	}
	sh.cutOffEnding()
	clear(m.holders)
	m.lookAbove(m.kept + sh.reactor.CountBacklog())
}

// shedLargest ends those who hold the most and are welcome still, until so many bytes are no longer theirs.
func (sh *shard) shedLargest(bytes int) {
	for _, h := range sh.memory.holders {
		if bytes <= 0 {
			return
		}
		if !h.s.ending() {
			bytes -= h.bytes
			sh.shed(h.s)
		}
	}
}

// cutOffEnding closes the sockets of those who hold the most and are on their way out, those who were shed just now
// among them, until no more is held than there is.
func (sh *shard) cutOffEnding() {
	m, all := &sh.memory, 0
	for _, h := range m.holders {
		all += h.s.holds()
	}
	for _, h := range m.holders {
		if all <= m.most {
			return
		}
		if h.s.ending() {
			all -= h.s.holds()
			h.s.conn.Abort()
		}
	}
}

// ending says that the session is on its way out.
func (s *session) ending() bool { return s.state == stateClosing || s.state == stateClosed }

// holds is what the session makes the node keep.
func (s *session) holds() int { return int(s.kept) + s.conn.Queued() }

// weighAll finds out who holds how much, and what those come to who are welcome and those who are on their way out.
func (sh *shard) weighAll() (live, closing int) {
	m := &sh.memory
	m.holders = m.holders[:0]
	for s := range sh.sessions.all() {
		n := s.holds()
		switch {
		case n == 0:
			continue
		case s.ending():
			closing += n
		default:
			live += n
		}
		m.holders = append(m.holders, holder{s, n})
	}
	return live, closing
}

// shed ends a session for what it makes the node keep. What it has not finished is let go at once.
func (sh *shard) shed(s *session) {
	if s.state != stateLive {
		sh.refuse(s, RefusedMemory, RefusedMemory.refusal())
	} else {
		s.decoder.Release()
		sh.closeUnread(s, ClosedMemory)
	}
	sh.weigh(s)
}

// part is so many sixteenths of what there is.
func (m *memory) part(sixteenths int) int { return m.most / 16 * sixteenths }

// lookAbove sets the alarm for when a sixteenth more is held than now.
func (m *memory) lookAbove(held int) { m.alarm = max(m.part(heldSixteenths), held+m.part(1)) }

// calmDown lets the alarm follow what is held on its way down, so that growth is seen from wherever it begins.
func (m *memory) calmDown(held int) {
	if held+m.part(1) < m.alarm {
		m.lookAbove(held)
	}
}
