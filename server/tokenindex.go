package server

// tokenIndex finds the live sessions of one token by the keyed hash of its jti. Without it, revoking a token would
// mean to look at every session of the reactor.
//
// The sessions of one token form a ring, linked by their slots; the map has one of each ring. Its keys are half of the
// hash, which halves its size: in a million tokens some hundred pairs share a key, and with it a ring. An entry takes
// 10 to 20 bytes, and its session 8 for the links (BenchmarkTokenIndex).
type tokenIndex struct {
	sessions *sessions
	rings    map[uint32]uint32 // a slot, by the lower half of the hash
}

func newTokenIndex(p *sessions) tokenIndex {
	return tokenIndex{sessions: p, rings: make(map[uint32]uint32)}
}

// add adds a session, unless its token has no jti.
func (x *tokenIndex) add(s *session) {
	if s.token == noToken {
		return
	}
	slot := s.conn.Slot()
	first, exists := x.rings[uint32(s.token)]
	if !exists {
		s.tokenNext, s.tokenPrev = slot, slot
		x.rings[uint32(s.token)] = slot
		return
	}
	next := x.sessions.slot(first)
	prev := x.sessions.slot(next.tokenPrev)
	s.tokenNext, s.tokenPrev = first, next.tokenPrev
	next.tokenPrev, prev.tokenNext = slot, slot
}

// remove removes a session that was added.
func (x *tokenIndex) remove(s *session) {
	if s.token == noToken {
		return
	}
	slot := s.conn.Slot()
	x.sessions.slot(s.tokenPrev).tokenNext = s.tokenNext
	x.sessions.slot(s.tokenNext).tokenPrev = s.tokenPrev
	switch {
	case s.tokenNext == slot:
		delete(x.rings, uint32(s.token))
	case x.rings[uint32(s.token)] == slot:
		x.rings[uint32(s.token)] = s.tokenNext
	}
}

// find returns a session of the token, or nil if there is none.
func (x *tokenIndex) find(token uint64) *session {
	first, exists := x.rings[uint32(token)]
	if !exists {
		return nil
	}
	s := x.sessions.slot(first)
	for s.token != token {
		if s.tokenNext == first {
			return nil
		}
		s = x.sessions.slot(s.tokenNext)
	}
	return s
}
