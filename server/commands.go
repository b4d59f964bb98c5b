package server

import (
	"errors"

	"github.com/google/uuid"

	"momentum/protocol"
	"momentum/server/reason"
)

// command executes a client's message.
func (sh *shard) command(s *session, payload []byte) {
	var e protocol.Envelope
	fault := sh.parser.Parse(payload, &e)
	switch {
	case fault != nil:
		sh.complain(fault.Code, fault.Message, fault.RefID)
	case e.Type == protocol.Ping:
		sh.pong(&e)
	case e.Type == protocol.Text || e.Type == protocol.Notification:
		sh.route(s, &e)
	case e.Type == protocol.Refresh:
		sh.tokens.refresh(s, &e)
	default:
		sh.complain("not_allowed", "clients may send text, notification, ping and refresh", e.ID)
	}
}

// tooMany answers a message above the rate limit without parsing it: the limit is there to save that work. It closes a
// client that has exceeded the limit by as many messages as it may send in a second, and reads no more from it.
func (sh *shard) tooMany(s *session) {
	sh.count.Limited.Add(1)
	s.refused++
	if int(s.refused) > sh.rules.RateLimit {
		sh.flooded(s, reason.ClosedRate, reason.ClosedRate.Text())
		return
	}
	sh.complain("rate_limited", "slow down: the message was not delivered", nil)
}

// route sends a message to every other user, or to one user's connections.
func (sh *shard) route(s *session, e *protocol.Envelope) {
	to := everybodyBut(s.user.ID)
	if e.HasTo {
		to = onlyTo(uuid.UUID(e.To))
	}
	_, err := sh.publisher.publish(to, protocol.Outgoing{
		ID: e.ID, Type: e.Type, Data: e.Data, Timestamp: e.Timestamp,
		From: s.user.ID, HasFrom: true, FromName: sh.nameOf(s), To: e.To, HasTo: e.HasTo,
	}, sh.now(), sh.reactor.Moment())
	switch {
	case errors.Is(err, ErrNotOnline):
		sh.complain("user_not_online", "nobody is connected under to_user_id; the message was not delivered", e.ID)
	case errors.Is(err, ErrOverloaded):
		sh.complain("overloaded", "the node has too much to send; the message was not delivered: send it again later", e.ID)
	}
}

// pong answers a client's ping: the same id, the data echoed.
func (sh *shard) pong(e *protocol.Envelope) {
	sh.count.Pongs.Add(1)
	out := protocol.Outgoing{ID: e.ID, Type: protocol.Pong, Data: e.Data}
	sh.reply = append(sh.reply, sh.encode(out)...)
}

// complain sends the client an error message with the id of the faulty message. The connection stays open.
func (sh *shard) complain(code, message string, ref []byte) {
	sh.count.Complaints.Add(1)
	sh.fault = appendComplaint(sh.fault[:0], code, message, ref)
	out := protocol.Outgoing{Type: protocol.Error, Data: sh.fault}
	sh.reply = append(sh.reply, sh.encode(out)...)
}

func appendComplaint(dst []byte, code, message string, ref []byte) []byte {
	dst = append(dst, `{"code":`...)
	dst = protocol.AppendString(dst, code)
	dst = append(dst, `,"message":`...)
	dst = protocol.AppendString(dst, message)
	if ref != nil {
		dst = append(dst, `,"ref_id":`...)
		dst = append(dst, ref...)
	}
	return append(dst, '}')
}
