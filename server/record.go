package server

import (
	"github.com/google/uuid"

	"momentum/server/ends"
	"momentum/server/reason"
)

// record records the end of a session or of a handshake, and with a session that is one of the heaviest, how it ended.
func (b *base) record(s *session, user uuid.UUID, why reason.Reason, code uint16) {
	tick := b.reactor.Tick()
	e := ends.End{
		At:         b.node.elapsed(b.now()),
		Connection: s.handle(),
		User:       user,
		Address:    s.origin.client,
		BytesIn:    s.traffic.received,
		BytesOut:   s.traffic.sent,
		MessagesIn: s.traffic.messages,
		Delivered:  s.traffic.delivered,
		Age:        tick - s.origin.since,
		Silence:    tick - s.life.seen,
		Queued:     uint32(s.conn.Queued()),
		Refused:    s.meter.Refused,
		RoundTrip:  s.life.trip,
		Code:       code,
		Reason:     why,
		Reactor:    uint8(b.reactor.Index()),
	}
	b.ends.Add(&e)
	b.heavy.End(s, e)
}

// recordHandshake records the end of a handshake. Its user is known once the token has been checked, and
// found valid.
func (b *base) recordHandshake(s *session, why reason.Reason, code uint16) {
	user := uuid.Nil
	if h := s.handshake; h != nil && s.state == stateHandshake && h.valid() {
		user = h.claims.UserID
	}
	b.record(s, user, why, code)
}
