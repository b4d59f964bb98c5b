package server

import (
	"encoding/json"
	"errors"
	"strconv"

	"github.com/google/uuid"

	"momentum/protocol"
	"momentum/server/presence"
)

// ErrNotOnline means that the user to which a message was addressed has no connections.
var ErrNotOnline = errors.New("the user is not online")

// ErrNotAllowedType means that the administrator may not send this message type.
var ErrNotAllowedType = errors.New("message_type must be text, notification or system_message")

// ErrDraining means that the node is draining and accepts no new work.
var ErrDraining = errors.New("the node is draining")

// ErrOverloaded means that too many bytes already wait to be sent on a reactor.
var ErrOverloaded = errors.New("the node has too much to send; the message was not delivered: send it again later")

// OnlineUser is one row of GET /ws/online.
type OnlineUser = presence.OnlineUser

// Receipt tells an administrator how a message was delivered.
type Receipt struct {
	ID          string `json:"id"`          // the message's id, as the receivers see it
	Connections int    `json:"connections"` // connections it was queued for
}

// Online returns how many users are online and up to limit of them, ordered by user id, starting after the given one
// (the zero UUID: with the first). A page shorter than limit is the last. The cost grows with the size of the page.
func (s *Server) Online(after uuid.UUID, limit int) (count int, users []OnlineUser) {
	return s.hub.Online(), s.hub.Page(after, limit)
}

// EachUserOnline yields the ids of all users online, in no order, until yield returns false (see presence.Hub.Each).
func (s *Server) EachUserOnline(yield func(user uuid.UUID) bool) { s.hub.Each(yield) }

// Broadcast queues a message from the administrator for every online user.
func (s *Server) Broadcast(messageType string, data json.RawMessage) (Receipt, error) {
	return s.fromAdmin(everybodyBut(uuid.Nil), messageType, protocol.Outgoing{Data: data})
}

// Send queues a message from the administrator for one user's connections, or returns ErrNotOnline.
func (s *Server) Send(to uuid.UUID, messageType string, data json.RawMessage) (Receipt, error) {
	return s.fromAdmin(onlyTo(to), messageType, protocol.Outgoing{Data: data, To: to, HasTo: true})
}

// fromAdmin publishes an administrator's message. It returns ErrNotAllowedType, or an error of publish.
func (s *Server) fromAdmin(to audience, messageType string, out protocol.Outgoing) (Receipt, error) {
	out.Type = protocol.ParseMessageType([]byte(messageType))
	if out.Type != protocol.Text && out.Type != protocol.Notification && out.Type != protocol.SystemMessage {
		return Receipt{}, ErrNotAllowedType
	}
	id := s.options.NewID()
	out.ID = protocol.AppendUUID(nil, id)
	p := publisher{server: s}
	r, err := p.publish(to, out, s.options.Now(), s.group.Moment())
	return Receipt{ID: id.String(), Connections: r.connections}, err
}

// Ready returns nil if the node takes new connections, and otherwise ErrDraining.
func (s *Server) Ready() error {
	if s.draining.Load() {
		return ErrDraining
	}
	return nil
}

func appendCount(dst []byte, before string, n int) []byte {
	return strconv.AppendInt(append(dst, before...), int64(n), 10)
}
