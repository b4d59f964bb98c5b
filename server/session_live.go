package server

import (
	"momentum/protocol"
	"momentum/server/reason"
)

// pingFrame is a whole ping: FIN and opcode 9, no payload (RFC 6455 §5.5.2). Any frame counts as its answer.
var pingFrame = []byte{0x89, 0x00}

// readFrames processes every frame in the bytes that were read, and writes all answers at once.
func (sh *shard) readFrames(s *session, b []byte) {
	limits := sh.limitsOf(s)
	sh.current = s
	for s.state == stateLive {
		event, n, ok, err := s.decoder.Next(b, limits)
		b = b[n:]
		if err != nil {
			sh.fail(s, err)
			break
		}
		if !ok {
			break
		}
		s.noteFrame(sh.reactor.Tick())
		sh.handle(s, event)
		if len(sh.reply) > replyFlushBytes {
			sh.flushReply(s)
		}
	}
	if s.state == stateClosing && len(b) > 0 {
		sh.awaitClose(s, b)
	}
	sh.flushReply(s)
	sh.current = nil
}

// limitsOf returns the protocol limits on the session's client.
func (sh *shard) limitsOf(s *session) *protocol.Limits {
	if s.deflate.Agreed() {
		return &sh.compressedLimits
	}
	return &sh.limits
}

func (sh *shard) flushReply(s *session) {
	if len(sh.reply) > 0 {
		s.conn.Send(sh.reply)
		sh.reply = sh.reply[:0]
	}
}

func (sh *shard) handle(s *session, e protocol.Event) {
	switch {
	case e.Op == protocol.OpText || e.Op == protocol.OpBinary:
		sh.count.MessagesIn.Add(1)
		s.messages++
		sh.message(s, e)
	case e.Op == protocol.OpClose:
		sh.peerClosed(s, e.Payload)
	case !s.controls.Count():
		sh.flooded(s, reason.ClosedFlood, reason.ClosedFlood.Text())
	case e.Op == protocol.OpPong:
		sh.recordPong(s)
	case e.Op == protocol.OpPing:
		sh.reply = protocol.AppendFrame(sh.reply, protocol.OpPong, e.Payload)
	}
}

// message charges the client's credit before all other work, including decompression.
func (sh *shard) message(s *session, e protocol.Event) {
	paid := len(e.Payload)
	if e.Compressed {
		paid *= compressedFactor
	}
	if !s.credit.Spend(sh.rules.RateLimit, paid, sh.reactor.Tick()) {
		sh.tooMany(s)
		return
	}
	s.refused = 0
	if e.Compressed {
		var err error
		if e, err = s.decoder.Inflate(e, sh.limitsOf(s)); err != nil {
			sh.fail(s, err)
			return
		}
		s.credit.Owe(sh.rules.RateLimit, paid, len(e.Payload))
	}
	if e.Op == protocol.OpBinary {
		sh.complain("binary_not_supported", "send messages as JSON in text frames", nil)
		return
	}
	sh.command(s, e.Payload)
}

// noteFrame records that a frame has arrived, which also answers a ping of ours.
func (s *session) noteFrame(now uint32) {
	s.controls.Pass(now - s.seen)
	s.seen, s.pinged = now, noTick
}

// firstBeat spreads a new session's first heartbeat over half an interval, so that clients which connected at once are
// not pinged at once from then on.
func (sh *shard) firstBeat(s *session) uint32 {
	interval := ticks(sh.rules.HeartbeatInterval)
	return sh.sooner(s, sh.onTheBeat(interval-sh.jitter(interval/2)))
}

// onTheBeat moves a deadline that lies some ticks ahead to an earlier tick that other sessions have too: pings that
// are sent together, and their answers, wake the reactor once and not once each.
func (sh *shard) onTheBeat(in uint32) uint32 {
	beat := max(1, min(mostBeatTicks, ticks(sh.rules.HeartbeatInterval)/beatsPerInterval))
	early := (sh.reactor.Tick() + in) % beat
	return in - min(early, in)
}

func (sh *shard) jitter(most uint32) uint32 {
	if most == 0 {
		return 0
	}
	return sh.random.Uint32N(most)
}

// sooner returns the given deadline in ticks from now, or the idle timeout's or the token's if that comes first.
func (sh *shard) sooner(s *session, in uint32) uint32 {
	idle := int32(s.seen + ticks(sh.rules.ConnectionTimeout) - sh.reactor.Tick())
	token := sh.tokens.left(s) - int32(s.token.warning)
	return uint32(max(1, min(int32(in), idle, token)))
}

// heartbeat handles a session's deadline. Frames do not move the deadline: a session that has sent some meanwhile gets
// a new deadline, at which it can have been silent for an interval.
func (sh *shard) heartbeat(s *session) {
	if why := sh.overdue(s, 0); why != reason.None {
		sh.close(s, why)
		return
	}
	sh.tokens.warn(s)
	interval := ticks(sh.rules.HeartbeatInterval)
	silent := sh.reactor.Tick() - s.seen
	if s.pinged == noTick && silent >= interval/2 {
		s.pinged = sh.reactor.Tick()
		s.conn.Send(pingFrame)
		s.asked = sh.reactor.Moment()
		s.conn.SetDeadline(sh.sooner(s, ticks(sh.rules.HeartbeatTimeout)))
		return
	}
	if s.pinged != noTick { // it was the token's deadline
		s.conn.SetDeadline(sh.sooner(s, s.pinged+ticks(sh.rules.HeartbeatTimeout)-sh.reactor.Tick()))
		return
	}
	left := interval - min(silent, interval)
	s.conn.SetDeadline(sh.sooner(s, sh.onTheBeat(left-min(sh.jitter(interval/16), left))))
}

// overdue says why a session is past its deadline by the grace, in ticks, or reason.None.
func (sh *shard) overdue(s *session, grace uint32) reason.Reason {
	now, r := sh.reactor.Tick()-grace, sh.rules
	switch {
	case s.pinged != noTick && int32(now-s.pinged) >= int32(ticks(r.HeartbeatTimeout)):
		return reason.ClosedHeartbeat
	case int32(now-s.seen) >= int32(ticks(r.ConnectionTimeout)):
		return reason.ClosedIdle
	case -sh.tokens.left(s)-int32(grace) >= s.extension():
		return reason.ClosedExpired
	}
	return reason.None
}
