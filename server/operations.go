package server

import (
	"encoding/json"
	"errors"
	"strconv"

	"github.com/google/uuid"

	"momentum/netpoll"
	"momentum/protocol"
	"momentum/server/presence"
)

// ErrNotOnline says that nobody is connected under the user id a message was addressed to.
var ErrNotOnline = errors.New("the user is not online")

// ErrNotAllowedType says that the administrator may not send this message type.
var ErrNotAllowedType = errors.New("message_type must be text, notification or system_message")

// ErrDraining says that the node is going away and takes no new work.
var ErrDraining = errors.New("the node is draining")

// ErrOverloaded says that a reactor is too far behind to be given more.
var ErrOverloaded = errors.New("the node is behind; the message did not reach everybody")

// OnlineUser is one row of GET /ws/online.
type OnlineUser = presence.OnlineUser

// Receipt tells an administrator what became of a message.
type Receipt struct {
	ID          string `json:"id"`          // the message's id, as the receivers see it
	Connections int    `json:"connections"` // connections it was queued for
}

// Online returns how many users are online and up to limit of them, ordered by user id, starting after the given one
// (the zero UUID: with the first). A page shorter than limit is the last. It costs what it returns.
func (s *Server) Online(after uuid.UUID, limit int) (count int, users []OnlineUser) {
	return s.hub.Online(), s.hub.Page(after, limit)
}

// EachUserOnline yields the ids of all users online, in no order, until yield returns false (see presence.Hub.Each).
func (s *Server) EachUserOnline(yield func(user uuid.UUID) bool) { s.hub.Each(yield) }

// Broadcast queues a message from the administrator for every online user.
func (s *Server) Broadcast(messageType string, data json.RawMessage) (Receipt, error) {
	post, body, receipt, err := s.fromAdmin(opFrame, messageType, data, nil)
	if err != nil {
		return receipt, err
	}
	if s.backlogged() {
		return Receipt{}, ErrOverloaded
	}
	receipt.Connections = s.sessionsNow()
	if !s.group.PostAll(post, body) {
		return receipt, ErrOverloaded
	}
	return receipt, nil
}

// Send queues a message from the administrator for one user's connections, or returns ErrNotOnline.
func (s *Server) Send(to uuid.UUID, messageType string, data json.RawMessage) (Receipt, error) {
	post, body, receipt, err := s.fromAdmin(opDirect, messageType, data, &to)
	if err != nil {
		return receipt, err
	}
	handles := s.hub.Connections(to, nil)
	if len(handles) == 0 {
		return receipt, ErrNotOnline
	}
	for _, post.To = range handles {
		if !s.group.Post(post, body) {
			return receipt, ErrOverloaded
		}
		receipt.Connections++
	}
	return receipt, nil
}

// fromAdmin makes the post of an administrator's message.
func (s *Server) fromAdmin(op uint8, messageType string, data []byte, to *uuid.UUID) (netpoll.Post, []byte, Receipt, error) {
	kind := protocol.ParseMessageType([]byte(messageType))
	if kind != protocol.Text && kind != protocol.Notification && kind != protocol.SystemMessage {
		return netpoll.Post{}, nil, Receipt{}, ErrNotAllowedType
	}
	out := protocol.Outgoing{Type: kind, Data: data}
	if to != nil {
		out.To, out.HasTo = *to, true
	}
	post, body, id := s.encode(netpoll.Post{Op: op}, out)
	return post, body, Receipt{ID: id.String()}, nil
}

// Ready says whether the node takes new connections: nil, or ErrDraining.
func (s *Server) Ready() error {
	if s.draining.Load() {
		return ErrDraining
	}
	return nil
}

func appendCount(dst []byte, before string, n int) []byte {
	return strconv.AppendInt(append(dst, before...), int64(n), 10)
}
