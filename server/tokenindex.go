package server

// tokenIndex finds the live sessions of one token by the keyed hash of its jti. Without it, revoking a token would
// mean to look at every session of the reactor.
//
// The sessions of one token form a ring, linked by their slots; the map has one of each ring. An entry takes some 26
// bytes and a session 8 more (BenchmarkTokenIndex).
type tokenIndex struct {
	sessions *sessions
	first    map[uint64]uint32 // a slot, by the hash
}

func newTokenIndex(p *sessions) tokenIndex {
	return tokenIndex{sessions: p, first: make(map[uint64]uint32)}
}

// add adds a session, unless its token has no jti.
func (x *tokenIndex) add(s *session) {
	if s.token == noToken {
		return
	}
	slot := s.conn.Slot()
	first, exists := x.first[s.token]
	if !exists {
		s.tokenNext, s.tokenPrev = slot, slot
		x.first[s.token] = slot
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
		delete(x.first, s.token)
	case x.first[s.token] == slot:
		x.first[s.token] = s.tokenNext
	}
}

// find returns a session of the token, or nil if there is none.
func (x *tokenIndex) find(token uint64) *session {
	slot, exists := x.first[token]
	if !exists {
		return nil
	}
	return x.sessions.slot(slot)
}
