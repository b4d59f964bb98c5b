package server

import (
	"errors"

	"momentum/protocol"
	"momentum/server/cluster"
	"momentum/server/fanout"
	"momentum/server/reason"
)

// ending ends the live sessions of a reactor.
type ending struct {
	*base
	tokens        *tokens
	replies       *replies
	subscriptions *subscriptions
	replays       *replays
	listings      *listings
	frame         []byte // scratch for one close frame
	hurried       bool   // the node is being drained: do not wait until clients close their sockets
}

// close begins the closing handshake (RFC 6455 §7.1.2): it sends the messages that are queued for the session, then
// our close frame. The peer then has CloseTimeout to send its own.
func (e *ending) close(s *session, why reason.Reason) (cost int) {
	cost = e.sendClose(s, why, why.Code(), why.Text())
	s.conn.SetDeadline(ticks(CloseTimeout))
	return cost
}

// sendClose sends what is owed to the session, up to a segment, then the close frame, and takes the session out of the
// fan-out and the hub. It returns what that costs, in looks (see closeCost).
func (e *ending) sendClose(s *session, why reason.Reason, code protocol.StatusCode, text string) (cost int) {
	cost = closeCost
	e.replies.flushOwn(s)
	if !s.conn.Slow() && s.member.Joined() { // a slow session has missed messages, so it gets no later ones
		var sent fanout.Count
		rest := e.fanout.Rest(s, &sent)
		cost += len(rest) / bytesPerLook
		s.Send(rest, int(sent.Messages))
		e.count.Deliveries.Add(sent.Messages)
	}
	e.frame = protocol.AppendClose(e.frame[:0], code, text)
	s.answerLast(e.frame)
	e.count.ClosedWith(why, code)
	cost += e.leave(s, why, code)
	s.state = stateClosing
	return cost
}

// closeUnread ends a session that reads too slowly, or whose queue takes too much of the node's memory. It gets only
// the close frame. The result is what its topics cost, in looks.
func (e *ending) closeUnread(s *session, why reason.Reason) (cost int) {
	e.frame = protocol.AppendClose(e.frame[:0], why.Code(), why.Text())
	s.answerLast(e.frame)
	cost = e.leave(s, why, why.Code())
	s.state = stateClosed
	s.conn.Finish()
	return cost
}

// peerClosed answers the peer's close frame and closes the connection first, as a server should (§7.1.1).
func (e *ending) peerClosed(s *session, payload []byte) {
	code, _, err := protocol.ParseClose(payload)
	if err != nil {
		e.fail(s, err)
		return
	}
	e.sendClose(s, reason.ClosedByPeer, protocol.CloseReply(code), "")
	e.agreed(s)
}

// fail ends a session whose peer broke the protocol, with the close code for that error.
func (e *ending) fail(s *session, err error) {
	code, text := protocol.StatusProtocolError, ""
	if broken := (*protocol.CloseError)(nil); errors.As(err, &broken) {
		code, text = broken.Code, broken.Reason
	}
	if code == reason.ClosedFlood.Code() { // the frames are valid, but there are too many
		e.flooded(s, reason.ClosedFlood, text)
		return
	}
	e.sendClose(s, reason.ClosedProtocol, code, text)
	e.finish(s)
}

// flooded ends a session whose peer sends without end. It does not wait for the peer's close frame: to find it,
// everything before it would have to be decoded, for as long as CloseTimeout and as fast as the peer can send.
func (e *ending) flooded(s *session, why reason.Reason, text string) {
	e.sendClose(s, why, why.Code(), text)
	e.finish(s)
}

// awaitClose reads on after our close frame until the peer's arrives, and ignores all other frames.
func (e *ending) awaitClose(s *session, b []byte) {
	for {
		event, n, ok, err := s.decoder.Next(b, e.limitsOf(s))
		b = b[n:]
		switch {
		case err != nil:
			e.finish(s)
			return
		case !ok:
			return
		case event.Op == protocol.OpClose:
			e.agreed(s)
			return
		}
	}
}

// agreed ends a session after both close frames. A peer that keeps its socket open does not delay a drain: it may send
// nothing more (RFC 6455 §5.5.1), so nothing arrives that would make the kernel reset the connection.
func (e *ending) agreed(s *session) {
	e.finish(s)
	if e.hurried && s.conn.Queued() == 0 {
		s.conn.Abort()
	}
}

func (e *ending) finish(s *session) {
	s.state = stateClosed
	s.conn.Finish()
}

// leave ends a live session, once: it logs, records and counts the reason, and removes the session. It returns what the topics
// cost, in looks.
func (e *ending) leave(s *session, why reason.Reason, code protocol.StatusCode) (cost int) {
	logEnd(e.node, s, why, code)
	e.record(s, s.user.ID, why, uint16(code))
	e.count.Ended[why].Add(1)
	return e.remove(s)
}

// remove removes a live session from its topics, the fan-out and the hub. It returns what the topics cost, in looks.
func (e *ending) remove(s *session) (cost int) {
	e.node.leaving.Add(1)
	if s.member.Joined() {
		cost = e.subscriptions.leave(s)
		e.fanout.Leave(s)
	} else {
		e.replays.forget(s)
	}
	e.tokens.drop(s)
	e.listings.askers.leave(s.handle())
	e.alive--
	if s.Compressed() {
		e.node.compressing.Add(-1)
	}
	e.node.live.Add(-1)
	e.node.slots.Give()
	e.leaveHub(s)
	return cost
}

// leaveHub removes a session from its user; with the last one, the node leaves the user's channel.
func (e *ending) leaveHub(s *session) {
	leave := func() (last bool) {
		return e.node.hub.Leave(s.user, s.handle(), e.node.elapsed(e.now()), s.traffic.credit.Full(e.rules.RateLimit, maxMissing))
	}
	if e.node.relay == nil {
		leave()
		return
	}
	e.node.relay.leave(cluster.DirectOf(s.user.ID), leave)
}
