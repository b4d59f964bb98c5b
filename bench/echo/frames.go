package main

import (
	"errors"

	"momentum/protocol"
)

// readFrames handles every frame in b, and writes the answers to all of them at once.
func (l *loop) readFrames(s *session, b []byte) {
	limits := limitsOf(s)
	for s.member != notMember {
		event, n, ok, err := s.decoder.Next(b, limits)
		b = b[n:]
		if err != nil {
			l.fail(s, err)
			break
		}
		if !ok {
			break
		}
		l.handle(s, event)
		if len(l.reply) > replyFlushBytes {
			l.flush(s)
		}
	}
	l.flush(s)
}

func limitsOf(s *session) *protocol.Limits {
	if s.deflate.Agreed() {
		return &compressedLimits
	}
	return &messageLimits
}

func (l *loop) flush(s *session) {
	s.conn.Send(l.reply)
	l.reply = trim(l.reply)
}

func (l *loop) handle(s *session, e protocol.Event) {
	switch e.Op {
	case protocol.OpText, protocol.OpBinary:
		l.message(s, e)
	case protocol.OpPing:
		l.catchUp(s)
		l.reply = protocol.AppendFrame(l.reply, protocol.OpPong, e.Payload)
	case protocol.OpClose:
		l.peerClosed(s, e.Payload)
	}
}

func (l *loop) message(s *session, e protocol.Event) {
	if e.Compressed {
		var err error
		if e, err = s.decoder.Inflate(e, limitsOf(s)); err != nil {
			l.fail(s, err)
			return
		}
	}
	switch {
	case l.post != nil:
	case s.deflate.Agreed():
		l.reply = protocol.AppendCompressed(l.reply, e.Op, e.Payload, s.deflate)
		return
	default:
		l.reply = protocol.AppendFrame(l.reply, e.Op, e.Payload)
		return
	}
	if frame := l.round.add(e.Op, e.Payload); len(l.round.pending) > roundBytes || !l.post(frame) {
		l.end(s, protocol.StatusTryAgainLater, "send more slowly")
	}
}

// catchUp sends a session all earlier broadcasts, its own included, so that they come before its next frame.
func (l *loop) catchUp(s *session) {
	if l.post != nil {
		l.flush(s)
		l.round.catchUp(s)
	}
}

// peerClosed answers the peer's close frame and closes first, as a server should (RFC 6455 §7.1.1).
func (l *loop) peerClosed(s *session, payload []byte) {
	code, _, err := protocol.ParseClose(payload)
	if err != nil {
		l.fail(s, err)
		return
	}
	l.end(s, protocol.CloseReply(code), "")
}

// fail ends a session after a protocol error of its client, with the close code for that error (§7.1.7).
func (l *loop) fail(s *session, err error) {
	code, text := protocol.StatusProtocolError, ""
	if violation := (*protocol.CloseError)(nil); errors.As(err, &violation) {
		code, text = violation.Code, violation.Reason
	}
	l.end(s, code, text)
}

// end sends the answers so far, then the close frame, and finishes the connection.
func (l *loop) end(s *session, code protocol.StatusCode, text string) {
	l.catchUp(s)
	l.round.leave(s)
	if s.conn.Slow() {
		l.reply = l.reply[:0] // its client has missed data, so it gets none that came later
	}
	s.conn.SendLast(protocol.AppendClose(l.reply, code, text))
	l.reply = l.reply[:0]
	s.conn.Finish()
}

// trim empties a buffer for its next use, or frees it if a burst has made it large.
func trim(b []byte) []byte {
	if cap(b) > keepBytes {
		return nil
	}
	return b[:0]
}
