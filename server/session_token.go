package server

import (
	"strconv"
	"time"

	"momentum/netpoll"
	"momentum/protocol"
	"momentum/server/auth"
)

// tokens keeps the part of their tokens that a reactor's live sessions need.
type tokens struct {
	*base
	replies *replies
	index   tokenIndex
	data    []byte // scratch for the data of one message
}

func newTokens(b *base, r *replies) tokens {
	entry := func(slot uint32) *tokenEntry { return &b.sessions.slot(slot).token.tokenEntry }
	return tokens{base: b, replies: r, index: newTokenIndex(entry)}
}

// hold records the token that covers the session from now on.
func (t *tokens) hold(s *session, c *auth.Claims) {
	s.token = holdToken(c, t.node.tokenHash(c.ID), t.reactor.Tick(), t.now())
	t.index.add(s.conn.Slot())
}

// drop removes the session's token from the index.
func (t *tokens) drop(s *session) { t.index.remove(s.conn.Slot()) }

// find returns a live session of the token, or nil.
func (t *tokens) find(hash uint64) *session {
	slot, found := t.index.find(hash)
	if !found {
		return nil
	}
	return t.sessions.slot(slot)
}

// left returns for how many ticks the token still covers the session.
func (t *tokens) left(s *session) int32 { return s.token.left(t.reactor.Tick(), t.now()) }

// warn tells the client once that its token is about to expire.
func (t *tokens) warn(s *session) {
	left := t.left(s)
	if s.token.warning == 0 || left > int32(s.token.warning) {
		return
	}
	s.token.warning = 0
	t.data = append(appendCount(t.appendExpiry(t.data[:0], s), `,"seconds":`, int(max(0, left))/ticksPerSecond), '}')
	s.answer(t.replies.encode(protocol.Outgoing{Type: protocol.TokenExpiring, Data: t.data}))
}

// expiry is the data of a message about the end of the session, valid until the next one.
func (t *tokens) expiry(s *session) []byte {
	t.data = append(t.appendExpiry(t.data[:0], s), '}')
	return t.data
}

// appendExpiry appends the first fields of a message about the end of the session: an object, not closed yet.
func (t *tokens) appendExpiry(dst []byte, s *session) []byte {
	left := time.Duration(t.left(s)) * netpoll.TickLength
	at := t.now().Add(left).Round(time.Second).UTC()
	return at.AppendFormat(append(dst, `{"expires_at":`...), `"`+time.RFC3339+`"`)
}

// review moves the heartbeat of sessions whose tokens end before it to the next tick: after the wall clock has got
// ahead, tokens end sooner than the deadlines assume.
func (t *tokens) review(w *walks) {
	w.start(func(s *session) (cost int) {
		soon := int32(ticks(t.rules.HeartbeatInterval))
		if s.state == stateLive && t.left(s)-int32(s.token.warning) < soon {
			s.conn.SetDeadline(1)
		}
		return 0
	}, func() {})
}

func appendCount(dst []byte, before string, n int) []byte {
	return strconv.AppendInt(append(dst, before...), int64(n), 10)
}
