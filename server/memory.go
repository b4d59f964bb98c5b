package server

import "momentum/server/reason"

// memory bounds what one reactor keeps for clients that do not read what they are sent, or do not finish what they
// send. Each connection has limits of its own for both; they are generous, because few need them at a time, and what
// all of them together would come to is more than there is.
type memory struct {
	most   int // bytes; 0: no bound
	kept   int // bytes of requests, frames and messages that have not arrived whole
	alarm  int // bytes above which it is looked again which sessions hold how much
	relief relief
}

func newMemory(most int64, reactors int) memory {
	share := int(most / int64(reactors))
	return memory{most: share, alarm: share / 16 * heldSixteenths}
}

// unfinished is how many bytes are kept for the session of what has not arrived whole.
func (s *session) unfinished() int {
	n := s.decoder.Pending()
	if h := s.handshake; h != nil {
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

// ending says that the session is on its way out.
func (s *session) ending() bool { return s.state == stateClosing || s.state == stateClosed }

// holds is what the session makes the node keep.
func (s *session) holds() int { return int(s.kept) + s.conn.Queued() }

// shed ends a session for what it makes the node keep. What it has not finished is let go at once.
func (sh *shard) shed(s *session) {
	if s.state != stateLive {
		sh.refuse(s, reason.RefusedMemory, reason.RefusedMemory.Refusal())
	} else {
		s.decoder.Release()
		sh.closeUnread(s, reason.ClosedMemory)
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
