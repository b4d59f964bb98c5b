package server

import (
	"hash/maphash"
	"time"

	"momentum/netpoll"
	"momentum/protocol"
	"momentum/server/auth"
)

// tokens keeps the part of their tokens that a reactor's live sessions need.
type tokens struct {
	sh    *shard
	index tokenIndex
}

func newTokens(sh *shard) tokens {
	return tokens{sh: sh, index: newTokenIndex(func(slot uint32) *tokenEntry { return &sh.sessions.slot(slot).token.tokenEntry })}
}

// hold records the token that covers the session from now on.
func (t *tokens) hold(s *session, c *auth.Claims) {
	s.token = holdToken(c, t.sh.server.tokenHash(c.ID), t.sh.reactor.Tick(), t.sh.now())
	t.index.add(s.conn.Slot())
}

// drop removes the session's token from the index.
func (t *tokens) drop(s *session) { t.index.remove(s.conn.Slot()) }

// tokenHash represents a jti in sessions, which have no room for it. Without the seed, nobody can make two jtis with
// the same hash.
func (s *Server) tokenHash(id string) uint64 {
	if id == "" {
		return noToken
	}
	return max(noToken+1, maphash.String(s.tokenSeed, id))
}

// find returns a live session of the token, or nil.
func (t *tokens) find(hash uint64) *session {
	slot, found := t.index.find(hash)
	if !found {
		return nil
	}
	return t.sh.sessions.slot(slot)
}

// left returns for how many ticks the token still covers the session.
func (t *tokens) left(s *session) int32 { return s.token.left(t.sh.reactor.Tick(), t.sh.now()) }

// warn tells the client once that its token is about to expire.
func (t *tokens) warn(s *session) {
	left := t.left(s)
	if s.token.warning == 0 || left > int32(s.token.warning) {
		return
	}
	s.token.warning = 0
	sh := t.sh
	sh.fault = append(appendCount(t.appendExpiry(sh.fault[:0], s), `,"seconds":`, int(max(0, left))/ticksPerSecond), '}')
	s.conn.Send(sh.encode(protocol.Outgoing{Type: protocol.TokenExpiring, Data: sh.fault}))
}

// appendExpiry appends the first fields of a message about the end of the session: an object, not closed yet.
func (t *tokens) appendExpiry(dst []byte, s *session) []byte {
	left := time.Duration(t.left(s)) * netpoll.TickLength
	at := t.sh.now().Add(left).Round(time.Second).UTC()
	return at.AppendFormat(append(dst, `{"expires_at":`...), `"`+time.RFC3339+`"`)
}

// review moves the heartbeat of sessions whose tokens end before it to the next tick: after the wall clock has got
// ahead, tokens end sooner than the deadlines assume.
func (t *tokens) review() {
	t.sh.startWalk(func(s *session) (cost int) {
		soon := int32(ticks(t.sh.rules.HeartbeatInterval))
		if s.state == stateLive && t.left(s)-int32(s.token.warning) < soon {
			s.conn.SetDeadline(1)
		}
		return 0
	}, func() {})
}
