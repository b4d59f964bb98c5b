package main

import "momentum/protocol"

// head is a request of which a part has arrived.
type head struct {
	bytes    []byte
	searched int // bytes searched without finding a blank line
}

// readRequest collects the request up to its blank line, answers it, and returns the bytes after it. Nearly every request
// arrives in one read; it is parsed in place.
func (l *loop) readRequest(s *session, b []byte) (rest []byte) {
	slot, searched := s.conn.Slot(), 0
	h := l.heads[slot]
	if h != nil {
		h.bytes, searched = append(h.bytes, b...), h.searched
		b = h.bytes
	}
	n := protocol.HeadEnd(b, searched)
	switch {
	case n > 0 && n <= protocol.MaxHeadBytes:
		delete(l.heads, slot)
		l.answer(s, b[:n])
		return b[n:]
	case len(b) >= protocol.MaxHeadBytes:
		l.refuse(s, protocol.HeadTooLong(b))
	case h == nil:
		l.heads[slot] = &head{append([]byte(nil), b...), len(b)}
	default:
		h.searched = len(b)
	}
	return nil
}

// answer accepts every valid WebSocket request and refuses any other.
func (l *loop) answer(s *session, request []byte) {
	if refusal := l.request.Parse(request); refusal != nil {
		l.refuse(s, refusal)
		return
	}
	if !l.request.Upgrade {
		l.refuse(s, &protocol.Refusal{
			Status: 426, Code: "upgrade_required", Message: "only WebSocket is served here: send Upgrade: websocket",
			NoContent: protocol.IsHead(request),
		})
		return
	}
	s.deflate = l.request.NegotiateDeflate()
	l.reply = l.request.AppendAccept(l.reply, s.deflate)
	l.flush(s)
	l.round.join(s)
}

func (l *loop) refuse(s *session, why *protocol.Refusal) {
	s.conn.SendLast(protocol.AppendRefusal(nil, why, 0))
	s.conn.Finish()
}
