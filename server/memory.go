package server

// memory limits the bytes that one reactor holds for clients that do not read their messages, or do not finish the
// messages they send. Each connection has its own limits for both. They are generous, because few clients need them at
// a time; at these limits, all connections together would exceed the memory of the host.
type memory struct {
	limit int // bytes; 0: no limit
	kept  int // bytes of incomplete requests, frames and messages
	held  int // bytes of messages that are held for sessions with a replay
	alarm int // bytes above which the next relief starts
}

func newMemory(limit int64, reactors int) memory {
	share := int(limit / int64(reactors))
	return memory{limit: share, alarm: share / 16 * heldSixteenths}
}

// unfinished returns the bytes that the session holds of incomplete requests, frames and messages.
func (s *session) unfinished() int {
	n := s.decoder.Pending()
	if h := s.handshake; h != nil {
		n += cap(h.head) + cap(h.early)
	}
	return n
}

// accountFor updates the reactor's total after a change of the session's share.
func (m *memory) accountFor(s *session) {
	now := uint32(s.unfinished())
	m.kept += int(now) - int(s.traffic.kept)
	s.traffic.kept = now
}

// total returns the bytes that the reactor holds for its clients, without the bytes queued for its sockets.
func (m *memory) total() int { return m.kept + m.held }

// ending reports whether the session has ended or is closing.
func (s *session) ending() bool { return s.state == stateClosing || s.state == stateClosed }

// holds returns the bytes that the node holds for the session; a replay may hold more (see replays.holds).
func (s *session) holds() int { return int(s.traffic.kept) + s.conn.Queued() }

// share returns the given number of sixteenths of the limit.
func (m *memory) share(sixteenths int) int { return m.limit / 16 * sixteenths }

// lookAbove sets the alarm one sixteenth above the bytes that are held now.
func (m *memory) lookAbove(held int) { m.alarm = max(m.share(heldSixteenths), held+m.share(1)) }

// calmDown lowers the alarm as the held bytes decrease, so that new growth is noticed from any level.
func (m *memory) calmDown(held int) {
	if held+m.share(1) < m.alarm {
		m.lookAbove(held)
	}
}
