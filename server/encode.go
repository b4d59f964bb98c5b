package server

import (
	"time"

	"github.com/google/uuid"

	"momentum/netpoll"
	"momentum/protocol"
)

// stampFormat is RFC 3339 with milliseconds.
const stampFormat = `"2006-01-02T15:04:05.000Z07:00"`

// encode makes a text frame of a message, in the shard's scratch. The message gets an id and a timestamp if
// it has none.
func (sh *shard) encode(out protocol.Outgoing) []byte {
	sh.json = appendMessage(sh.json[:0], out, sh.now(), sh.server.options.NewID)
	sh.frame = protocol.AppendFrame(sh.frame[:0], protocol.OpText, sh.json)
	return sh.frame
}

// encode makes a post of a message that no client sent, and returns its id too. Only what is for everybody has
// a compressed version behind it.
func (s *Server) encode(p netpoll.Post, out protocol.Outgoing) (post netpoll.Post, body []byte, id uuid.UUID) {
	id = s.options.NewID()
	json := appendMessage(nil, out, s.options.Now(), func() uuid.UUID { return id })
	body = protocol.AppendFrame(nil, protocol.OpText, json)
	if p.Op == opFrame {
		body, p.Cut = s.pack(body, json)
		p.At = s.group.Moment()
	}
	return p, body, id
}

func appendMessage(dst []byte, out protocol.Outgoing, now time.Time, newID func() uuid.UUID) []byte {
	var id, stamp [48]byte
	if out.ID == nil {
		out.ID = protocol.AppendUUID(id[:0], newID())
	}
	if out.Timestamp == nil {
		out.Timestamp = now.UTC().AppendFormat(stamp[:0], stampFormat)
	}
	return protocol.AppendMessage(dst, &out)
}

// announce posts a message of the server's own to everybody but one user (see presence.Publish).
func (s *Server) announce(what protocol.MessageType, data []byte, except uuid.UUID) bool {
	if s.backlogged() {
		return false
	}
	post, body, _ := s.encode(netpoll.Post{Op: opFrame, Tag: except}, protocol.Outgoing{Type: what, Data: data})
	return s.group.PostAll(post, body)
}
