package server

import "momentum/server/reason"

// pingFrame is a whole ping: FIN and opcode 9, no payload (RFC 6455 §5.5.2). Any frame counts as its answer.
var pingFrame = []byte{0x89, 0x00}

// heartbeat pings the clients that are silent, and says which sessions are past their deadline.
type heartbeat struct {
	*base
	tokens *tokens
}

// first spreads a new session's first heartbeat over half an interval, so that clients which connected at once are
// not pinged at once from then on.
func (h *heartbeat) first(s *session) uint32 {
	interval := ticks(h.rules.HeartbeatInterval)
	return h.sooner(s, h.onTheBeat(interval-h.jitter(interval/2)))
}

// onTheBeat moves a deadline to an earlier tick that other sessions share: pings that are sent together, and their
// answers, wake the reactor once and not once each.
func (h *heartbeat) onTheBeat(in uint32) uint32 {
	beat := max(1, min(maxBeatTicks, ticks(h.rules.HeartbeatInterval)/beatsPerInterval))
	early := (h.reactor.Tick() + in) % beat
	return in - min(early, in)
}

func (h *heartbeat) jitter(most uint32) uint32 {
	if most == 0 {
		return 0
	}
	return h.random.Uint32N(most)
}

// sooner returns the given deadline in ticks from now, or the idle timeout's or the token's if that comes first.
func (h *heartbeat) sooner(s *session, in uint32) uint32 {
	idle := int32(s.life.seen + ticks(h.rules.ConnectionTimeout) - h.reactor.Tick())
	token := h.tokens.left(s) - int32(s.token.warning)
	return uint32(max(1, min(int32(in), idle, token)))
}

// due handles a session's deadline, and returns the reason if the session must be closed. Frames do not move the
// deadline: a session that has sent some meanwhile gets a new deadline, at which it can have been silent for an interval.
func (h *heartbeat) due(s *session) reason.Reason {
	if why := h.overdue(s, 0); why != reason.None {
		return why
	}
	h.tokens.warn(s)
	interval := ticks(h.rules.HeartbeatInterval)
	silent := h.reactor.Tick() - s.life.seen
	if s.life.pinged == noTick && silent >= interval/2 {
		if h.waits(s, silent, interval) {
			return reason.None
		}
		s.life.pinged = h.reactor.Tick()
		s.answer(pingFrame)
		s.life.asked = h.reactor.Moment()
		s.conn.SetDeadline(h.sooner(s, ticks(h.rules.HeartbeatTimeout)))
		return reason.None
	}
	if s.life.pinged != noTick { // it was the token's deadline
		s.conn.SetDeadline(h.sooner(s, s.life.pinged+ticks(h.rules.HeartbeatTimeout)-h.reactor.Tick()))
		return reason.None
	}
	s.waited = false
	left := interval - min(silent, interval)
	s.conn.SetDeadline(h.sooner(s, h.onTheBeat(left-min(h.jitter(interval/16), left))))
	return reason.None
}

// waits has a ping wait for an eighth of an interval, once, if a broadcast is under way and the ping would not be late: mostly the first one of a
// connection, as later ones come close to the end of an interval. A ping and its answer take two writes and two reads of the processor that
// the broadcast needs (docs/MILLION.md). If pings waited for longer, too many would be sent together at the end of their intervals.
func (h *heartbeat) waits(s *session, silent, interval uint32) bool {
	wait := max(1, interval/8)
	s.waited = !s.waited && silent+wait <= interval && h.fanout.Waiting().ForAll
	if s.waited {
		s.conn.SetDeadline(h.sooner(s, h.onTheBeat(wait)))
	}
	return s.waited
}

// overdue says why a session is past its deadline by the grace, in ticks, or reason.None.
func (h *heartbeat) overdue(s *session, grace uint32) reason.Reason {
	if why := s.life.overdue(h.reactor.Tick()-grace, h.rules); why != reason.None {
		return why
	}
	if -h.tokens.left(s)-int32(grace) >= s.token.extension() {
		return reason.ClosedExpired
	}
	return reason.None
}

// pong records the time from a ping of ours to its first pong.
func (h *heartbeat) pong(s *session) {
	if took, ok := s.life.answer(h.reactor.Moment()); ok {
		h.count.Pings.Observe(took)
		s.life.trip = uint32(max(1, took.Microseconds()))
	}
}
