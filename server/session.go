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
	stateClosing                       // our close frame is sent, the peer's has not arrived
	stateClosed                        // nothing more is read or sent
)

const (
	noTick          uint32 = 0    // no ping is outstanding
	sessionsPerPage uint32 = 1024 // sessions one allocation holds
)

// session is the reactor's state of one connection, apart from its socket. It belongs to the reactor's goroutine and
// lies at the connection's slot. A test limits its size in bytes.
type session struct {
	conn      *netpoll.Conn
	handshake *handshake     // nil once live
	user      *presence.User // the hub's; nil until live
	decoder   protocol.Decoder
	network   admit.Network // the network under which it is counted; 0: none, or not yet
	client    admit.Network // the client's address, for the log; 0: not known, or not yet

	// Received from the client, for the log.
	received uint64 // bytes
	messages uint32

	member fanout.Member // the fan-out's

	seen    uint32       // tick of the last frame; before the first, of the accept
	pinged  uint32       // tick of a ping that nothing has come back for yet, or noTick
	credit  admit.Credit // of messages
	refused uint32       // messages above the limit since the last message within it

	state   sessionState
	reason  reason.Reason    // why it ended
	deflate protocol.Deflate // the agreed compression
	crowded bool             // counted above the limit of its address; it is refused after its request has arrived
	proxied bool             // the peer is a trusted proxy and not the client
	prefix  bool             // a PROXY header may still come

	token      heldToken
	refreshing bool // a new token is being checked

	controls admit.Controls // pings and pongs that still count against its limit
	kept     uint32         // incomplete bytes, as the shard has counted them
	asked    netpoll.Moment // when it was accepted; later, when the last ping was sent; 0 after its pong
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
