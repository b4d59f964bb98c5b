package server

import (
	"momentum/protocol"
	"momentum/server/reason"
)

// frames reads the frames of live sessions.
type frames struct {
	*base
	replies   *replies
	ending    *ending
	commands  *commands
	heartbeat *heartbeat
}

// read processes every frame in the bytes that were read, and writes all answers at once.
func (f *frames) read(s *session, b []byte) {
	limits := f.limitsOf(s)
	f.replies.reader = s
	for s.state == stateLive {
		event, n, ok, err := s.decoder.Next(b, limits)
		b = b[n:]
		if err != nil {
			f.ending.fail(s, err)
			break
		}
		if !ok {
			break
		}
		f.noteFrame(s)
		f.handle(s, event)
		if len(f.replies.bytes) > replyFlushBytes {
			f.replies.flush(s)
		}
	}
	if s.state == stateClosing && len(b) > 0 {
		f.ending.awaitClose(s, b)
	}
	f.replies.flush(s)
	f.replies.reader = nil
}

// noteFrame records that a frame has arrived. The time since the last one has earned the client pings and pongs.
func (f *frames) noteFrame(s *session) {
	now := f.reactor.Tick()
	s.traffic.controls.Pass(now - s.life.seen)
	s.life.frame(now)
}

func (f *frames) handle(s *session, e protocol.Event) {
	switch {
	case e.Op == protocol.OpText || e.Op == protocol.OpBinary:
		f.count.MessagesIn.Add(1)
		s.traffic.messages++
		f.message(s, e)
	case e.Op == protocol.OpClose:
		f.ending.peerClosed(s, e.Payload)
	case !s.traffic.controls.Count():
		f.ending.flooded(s, reason.ClosedFlood, reason.ClosedFlood.Text())
	case e.Op == protocol.OpPong:
		f.heartbeat.pong(s)
	case e.Op == protocol.OpPing:
		f.replies.bytes = protocol.AppendFrame(f.replies.bytes, protocol.OpPong, e.Payload)
	}
}

// message charges the client's credit before all other work, including decompression.
func (f *frames) message(s *session, e protocol.Event) {
	paid := len(e.Payload)
	if e.Compressed {
		paid *= compressedFactor
	}
	if !s.traffic.credit.Spend(f.rules.RateLimit, paid, f.reactor.Tick()) {
		f.tooMany(s)
		return
	}
	s.traffic.refused = 0
	if e.Compressed {
		var err error
		if e, err = s.decoder.Inflate(e, f.limitsOf(s)); err != nil {
			f.ending.fail(s, err)
			return
		}
		s.traffic.credit.Owe(f.rules.RateLimit, paid, len(e.Payload))
	}
	if e.Op == protocol.OpBinary {
		f.replies.complain("binary_not_supported", "send messages as JSON in text frames", nil)
		return
	}
	f.commands.run(s, e.Payload)
}

// tooMany answers a message above the rate limit without parsing it: the limit is there to save that work. It closes a
// client that has exceeded the limit by as many messages as it may send in a second, and reads no more from it.
func (f *frames) tooMany(s *session) {
	f.count.Limited.Add(1)
	s.traffic.refused++
	if int(s.traffic.refused) > f.rules.RateLimit {
		f.countRefused(s, 1)
		f.ending.flooded(s, reason.ClosedRate, reason.ClosedRate.Text())
		return
	}
	f.replies.complain("rate_limited", "slow down: the message was not delivered", nil)
}
