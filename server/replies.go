package server

import (
	"strconv"

	"momentum/protocol"
	"momentum/server/history"
)

// replies collects the answers to the bytes of one read, which are written together.
type replies struct {
	encoder
	reader *session // the session that sent the bytes being processed
	bytes  []byte   // the answers to it
	errors int      // among them
	fault  []byte   // scratch for the data of an error message
}

// flush writes the answers so far to the session that they are for.
func (r *replies) flush(s *session) {
	if len(r.bytes) > 0 {
		s.answer(r.bytes)
		r.bytes = r.bytes[:0]
		r.countRefused(s, r.errors)
		r.errors = 0
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
	r.complainWith(appendComplaint(r.fault[:0], code, message, ref))
}

// complainWith sends the client an error message with the data without its final brace.
func (r *replies) complainWith(data []byte) {
	r.count.Complaints.Add(1)
	r.errors++
	r.fault = append(data, '}')
	r.add(protocol.Outgoing{Type: protocol.Error, Data: r.fault})
}

// appendComplaint appends the data of an error message without its final brace.
func appendComplaint(dst []byte, code, message string, ref []byte) []byte {
	dst = append(dst, `{"code":`...)
	dst = protocol.AppendString(dst, code)
	dst = append(dst, `,"message":`...)
	dst = protocol.AppendString(dst, message)
	if ref != nil {
		dst = append(dst, `,"ref_id":`...)
		dst = append(dst, ref...)
	}
	return dst
}

// notOnline informs the client that the user to which it has sent a message is not connected.
func (r *replies) notOnline(stored bool, ref []byte) {
	if !stored {
		r.complain("user_not_online", "nobody is connected under to_user_id; the message was not delivered", ref)
		return
	}
	d := appendComplaint(r.fault[:0], "user_not_online", "nobody is connected under to_user_id; the message is kept for HISTORY_AGE", ref)
	r.complainWith(append(d, `,"stored":true`...))
}

// overloaded informs the client that its message was not delivered because too much waits already.
func (r *replies) overloaded(ref []byte) {
	r.complain("overloaded", "the node has too much to send; the message was not delivered: send it again later", ref)
}

// ack acknowledges the client's message.
func (r *replies) ack(id []byte, receipt history.Receipt) {
	d := append(r.fault[:0], '{')
	if receipt.Seq > 0 {
		d = strconv.AppendUint(append(d, `"seq":`...), receipt.Seq, 10)
		d = append(d, ',')
	}
	d = strconv.AppendBool(append(d, `"online":`...), receipt.Online)
	d = strconv.AppendBool(append(d, `,"stored":`...), receipt.Stored)
	r.fault = append(d, '}')
	r.count.Acks.Add(1)
	r.add(protocol.Outgoing{ID: id, Type: protocol.Ack, Data: r.fault})
}
