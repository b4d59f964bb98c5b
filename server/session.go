package server

import (
	"momentum/netpoll"
	"momentum/protocol"
	"momentum/server/fanout"
	"momentum/server/heavy"
	"momentum/server/presence"
)

// sessionState says how a session reads bytes, what its deadline means, and what its end gives back (see
// docs/adr/0015-session-states.md).
type sessionState uint8

const (
	// stateHandshake is the state from the accept until the request has arrived completely. The session collects the
	// request, and sends nothing before its answer. It holds no connection slot. A complete request is offered for
	// admission, answered over HTTP, or handed to the sidecar; at the deadline it is refused.
	stateHandshake sessionState = iota

	// stateAdmission is the state while the token is checked, the directory is asked, and the handshake waits for the
	// rate limiter or the bus. The session keeps frames that arrive early and reads none of them. It sends nothing before the
	// answer: the 101, or a refusal, at the latest at its deadline. It holds a connection slot, which the live session
	// keeps and a refusal gives back.
	stateAdmission

	// stateLive is the state from the 101 to our close frame or the end of the socket. The session has a user in the hub
	// and is a member of the fan-out: it reads messages, gets messages, and is pinged. Its deadline is the next
	// heartbeat.
	stateLive

	// stateClosing is the state after our close frame. The session has left the hub and the fan-out and has given back
	// its connection slot. It sends nothing more. It reads frames only to find the peer's close frame, and its deadline
	// ends the wait for that.
	stateClosing

	// stateClosed is the last state: the session has ended, or was refused. It reads and sends nothing more. The connection
	// writes the bytes that are queued, and then closes.
	stateClosed
)

const sessionsPerPage uint32 = 1024 // sessions one allocation holds

// session is the reactor's state of one connection, apart from its socket. It belongs to the reactor's goroutine and
// lies at the connection's slot. A test limits its size in bytes.
type session struct {
	conn      *netpoll.Conn
	handshake *handshake     // nil once live
	user      *presence.User // the hub's; nil until live
	decoder   protocol.Decoder
	member    fanout.Member // the fan-out's
	life      liveness
	state     sessionState
	deflate   protocol.Deflate // the agreed compression
	positions bool             // the client asked to resume: it is told its position if that changes
	waited    bool             // its next ping has waited for a broadcast
	meter     heavy.Meter      // the book's of the heaviest connections
	traffic   traffic
	token     heldToken
	origin    origin
}

// handle identifies the session's connection on any goroutine.
func (s *session) handle() netpoll.Handle { return s.conn.Handle() }

// sessions holds a reactor's sessions by value, at the slots of their connections. They never move.
type sessions struct {
	pages [][]session
}

func (p *sessions) at(c *netpoll.Conn) *session {
	page := int(c.Slot() / sessionsPerPage)
	for len(p.pages) <= page {
		p.pages = append(p.pages, make([]session, sessionsPerPage))
	}
	return &p.pages[page][c.Slot()%sessionsPerPage]
}

// slot returns the session at the slot of a connection that is open.
func (p *sessions) slot(slot uint32) *session {
	return &p.pages[slot/sessionsPerPage][slot%sessionsPerPage]
}

// look returns the session at a slot and whether there is such a slot. The session of a free slot has no connection.
func (p *sessions) look(i uint32) (s *session, exists bool) {
	page := int(i / sessionsPerPage)
	if page >= len(p.pages) {
		return nil, false
	}
	return &p.pages[page][i%sessionsPerPage], true
}
