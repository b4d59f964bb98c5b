package server

import (
	"github.com/google/uuid"

	"momentum/server/fanout"
)

// The session as the fan-out sees it (see fanout.Sink).

// Member returns the session's place in its reactor's fan-out.
func (s *session) Member() *fanout.Member { return &s.member }

// User returns whose session it is.
func (s *session) User() uuid.UUID { return s.user.ID }

// Compressed says whether the session gets messages for many in their compressed form. One that limits our window does
// not: what is compressed for everybody uses all of it, and a message may always be sent plain.
func (s *session) Compressed() bool { return s.deflate.Full() }

// Send writes to the session's socket, or queues within the outbound limits what that does not take.
func (s *session) Send(b []byte) { s.conn.Send(b) }

// Overflow ends a session that is owed more than may be queued for it, as a reader that is too slow.
func (s *session) Overflow() { s.conn.Overflow() }
