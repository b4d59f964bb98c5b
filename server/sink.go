package server

import (
	"github.com/google/uuid"

	"momentum/server/fanout"
)

// The session as the fan-out sees it (see fanout.Sink).

// Member returns the session's place in its reactor's fan-out.
func (s *session) Member() *fanout.Member { return &s.member }

// User returns the session's user.
func (s *session) User() uuid.UUID { return s.user.ID }

// Compressed reports whether the session gets messages for many in their compressed form. A session that limits our
// window does not: the shared compressed form uses all of the window, and a message may always be sent plain.
func (s *session) Compressed() bool { return s.deflate.Full() }

// Send writes messages to the session's socket. It queues the bytes that the socket does not take, within the outbound limits.
func (s *session) Send(b []byte, messages int) {
	s.traffic.sent += uint64(len(b))
	s.traffic.delivered += uint32(messages)
	s.conn.Send(b)
	s.weigh(len(b))
}

// answer writes bytes that are an answer to the client, or a frame of the connection itself.
func (s *session) answer(b []byte) { s.Send(b, 0) }

// answerLast writes the last bytes of a connection: a close frame, or a refusal.
func (s *session) answerLast(b []byte) {
	s.traffic.sent += uint64(len(b))
	s.conn.SendLast(b)
}

// Overflow ends a session that has more pending than may be queued for it: it reads too slowly.
func (s *session) Overflow() { s.conn.Overflow() }
