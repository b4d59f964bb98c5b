package server

import (
	"errors"

	"momentum/protocol"
	"momentum/server/fanout"
	"momentum/server/reason"
)

// close begins the closing handshake (RFC 6455 §7.1.2): it sends the messages that are queued for the session, then
// our close frame. The peer then has CloseTimeout to send its own.
func (sh *shard) close(s *session, why reason.Reason) (cost int) {
	cost = sh.sendClose(s, why, why.Code(), why.Text())
	s.conn.SetDeadline(ticks(CloseTimeout))
	return cost
}

// sendClose sends what is owed to the session, up to a segment, then the close frame, and takes the session out of the
// fan-out and the hub. It returns what that costs, in looks (see closeCost).
func (sh *shard) sendClose(s *session, why reason.Reason, code protocol.StatusCode, text string) (cost int) {
	cost = closeCost
	if sh.current == s {
		sh.flushReply(s)
	}
	if !s.conn.Slow() { // a slow session has missed messages, so it gets none that came after them
		var sent fanout.Count
		rest := sh.fanout.Rest(s, &sent)
		cost += len(rest) / bytesPerLook
		s.conn.Send(rest)
		sh.count.Deliveries.Add(sent.Messages)
	}
	sh.frame = protocol.AppendClose(sh.frame[:0], code, text)
	s.conn.SendLast(sh.frame)
	sh.count.ClosedWith(why, code)
	sh.leave(s, why, code)
	s.state = stateClosing
	return cost
}

// closeUnread ends a session that has more queued than it reads, or than there is room for. It gets only the close
// frame.
func (sh *shard) closeUnread(s *session, why reason.Reason) {
	sh.frame = protocol.AppendClose(sh.frame[:0], why.Code(), why.Text())
	s.conn.SendLast(sh.frame)
	sh.leave(s, why, why.Code())
	s.state = stateClosed
	s.conn.Finish()
}

// peerClosed answers the peer's close frame and closes the connection first, as a server should (§7.1.1).
func (sh *shard) peerClosed(s *session, payload []byte) {
	code, _, err := protocol.ParseClose(payload)
	if err != nil {
		sh.fail(s, err)
		return
	}
	sh.sendClose(s, reason.ClosedByPeer, protocol.CloseReply(code), "")
	sh.agreed(s)
}

// fail ends a session whose peer broke the protocol, with the close code for that error.
func (sh *shard) fail(s *session, err error) {
	code, text := protocol.StatusProtocolError, ""
	if broken := (*protocol.CloseError)(nil); errors.As(err, &broken) {
		code, text = broken.Code, broken.Reason
	}
	if code == reason.ClosedFlood.Code() { // the frames are valid, but there are too many
		sh.flooded(s, reason.ClosedFlood, text)
		return
	}
	sh.sendClose(s, reason.ClosedProtocol, code, text)
	sh.finish(s)
}

// flooded ends a session whose peer sends without end. It does not wait for the peer's close frame: to find it,
// everything before it would have to be decoded, for as long as CloseTimeout and as fast as the peer can send.
func (sh *shard) flooded(s *session, why reason.Reason, text string) {
	sh.sendClose(s, why, why.Code(), text)
	sh.finish(s)
}

// awaitClose reads on after our close frame until the peer's arrives, and ignores all other frames.
func (sh *shard) awaitClose(s *session, b []byte) {
	for {
		event, n, ok, err := s.decoder.Next(b, sh.limitsOf(s))
		b = b[n:]
		switch {
		case err != nil:
			sh.finish(s)
			return
		case !ok:
			return
		case event.Op == protocol.OpClose:
			sh.agreed(s)
			return
		}
	}
}

// agreed ends a session after both close frames. A peer that keeps its socket open does not delay a drain: it may send
// nothing more (RFC 6455 §5.5.1), so nothing arrives that would make the kernel reset the connection.
func (sh *shard) agreed(s *session) {
	sh.finish(s)
	if sh.drain.on && s.conn.Queued() == 0 {
		s.conn.Abort()
	}
}

func (sh *shard) finish(s *session) {
	s.state = stateClosed
	s.conn.Finish()
}

// leave removes a live session from the fan-out and the hub, once, and counts and logs the reason.
func (sh *shard) leave(s *session, why reason.Reason, code protocol.StatusCode) {
	s.reason = why
	sh.server.leaving.Add(1)
	sh.logEnd(s, why, code)
	sh.fanout.Leave(s)
	sh.tokens.drop(s)
	sh.alive--
	if s.Compressed() {
		sh.server.compressing.Add(-1)
	}
	sh.server.live.Add(-1)
	sh.server.slots.Give()
	sh.count.Ended[why].Add(1)
	sh.server.hub.Leave(s.user, s.handle(), sh.server.elapsed(sh.now()), s.credit.Full(sh.rules.RateLimit, mostMissing))
}
