package server

import "momentum/protocol"

// replies collects the answers to the bytes of one read, which are written together.
type replies struct {
	encoder
	reader *session // the session that sent the bytes being processed
	bytes  []byte   // the answers to it
	fault  []byte   // scratch for the data of an error message
}

// flush writes the answers so far to the session that they are for.
func (r *replies) flush(s *session) {
	if len(r.bytes) > 0 {
		s.conn.Send(r.bytes)
		r.bytes = r.bytes[:0]
	}
}

// flushOwn writes the answers so far if they are for the given session: nothing may be sent to it before them.
func (r *replies) flushOwn(s *session) {
	if r.reader == s {
		r.flush(s)
	}
}

// add adds a message to the answers.
func (r *replies) add(out protocol.Outgoing) { r.bytes = append(r.bytes, r.encode(out)...) }

// pong answers a client's ping message: the same id, the data echoed.
func (r *replies) pong(e *protocol.Envelope) {
	r.count.Pongs.Add(1)
	r.add(protocol.Outgoing{ID: e.ID, Type: protocol.Pong, Data: e.Data})
}

// complain sends the client an error message with the id of the faulty message. The connection stays open.
func (r *replies) complain(code, message string, ref []byte) {
	r.count.Complaints.Add(1)
	r.fault = appendComplaint(r.fault[:0], code, message, ref)
	r.add(protocol.Outgoing{Type: protocol.Error, Data: r.fault})
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
