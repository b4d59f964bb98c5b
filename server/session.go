package server

import (
	"momentum/netpoll"
	"momentum/protocol"
	"momentum/server/admit"
	"momentum/server/fanout"
	"momentum/server/presence"
	"momentum/server/reason"
)

type sessionState uint8

const (
	stateHandshake sessionState = iota // the request has not arrived whole
	stateAdmission                     // a worker checks the token
	stateLive                          // a user is on it
	stateClosing                       // our close frame is sent; the peer's is awaited
	stateClosed                        // nothing more is read or sent
)

const (
	noTick          uint32 = 0    // no ping is outstanding
	sessionsPerPage        = 1024 // sessions one allocation holds
)

// session is what a reactor knows of one connection beyond its socket. It belongs to the reactor's
// goroutine, lies at the connection's slot, and is a byte budget: see the test.
type session struct {
	conn      *netpoll.Conn
	handshake *handshake     // nil once live
	user      *presence.User // the hub's; nil until live
	decoder   protocol.Decoder
	network   admit.Network // what it is counted under; 0: nothing, or not yet
	client    admit.Network // the client's address, for the log; 0: not known, or not yet

	// What the client has sent, for the log.
	received uint64 // bytes
	messages uint32

	member fanout.Member // the fan-out's

	seen    uint32       // tick of the last frame; before the first, of the accept
	pinged  uint32       // tick of a ping that nothing has come back for yet, or noTick
	credit  admit.Credit // of messages
	refused uint32       // messages above the limit since the last one within it

	state   sessionState
	reason  reason.Reason    // why it ended
	deflate protocol.Deflate // what was agreed on compression
	crowded bool             // counted as one too many of its address; it is told so once its request is there
	proxied bool             // the peer is a trusted proxy: others speak through it
	prefix  bool             // a PROXY header may still come

	token      heldToken
	refreshing bool // a new token is being checked

	controls admit.Controls // pings and pongs that count against it still
	kept     uint32         // bytes kept of what has not arrived whole, as the shard has counted them
	asked    netpoll.Moment // when it was accepted; later, when the ping was sent that no pong has come for
}

// handle names the session's connection from anywhere.
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
