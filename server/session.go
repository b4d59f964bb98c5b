package server

import (
	"iter"

	"momentum/netpoll"
	"momentum/protocol"
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
	notMember       int32  = -1   // not among those a fan-out goes to
	noTick          uint32 = 0    // no ping is outstanding
	noToken         uint64 = 0    // the token has no jti
	sessionsPerPage        = 1024 // sessions one allocation holds
)

// session is what a reactor knows of one connection beyond its socket. It belongs to the reactor's
// goroutine, lies at the connection's slot, and is a byte budget: see the test.
type session struct {
	conn      *netpoll.Conn
	handshake *handshake // nil once live, but while a new token is being checked
	user      *user      // the hub's; nil until live
	decoder   protocol.Decoder
	network   network // what it is counted under; 0: nothing, or not yet
	client    network // the client's address, for the log; 0: not known, or not yet

	// What the client has sent, for the log.
	received uint64 // bytes
	messages uint32

	// The fan-out's.
	member  int32  // index among the members
	segment uint32 // the segment of the log it has had part or all of
	offset  uint32 // how much of it, in bytes

	seen    uint32 // tick of the last frame; before the first, of the accept
	pinged  uint32 // tick of a ping that nothing has come back for yet, or noTick
	credit  int32  // tenths of a message it may still send (see rate.go)
	earned  uint32 // tick up to which credit was given
	refused uint32 // messages above the limit since the last one within it

	state   sessionState
	reason  Reason           // why it ended
	deflate protocol.Deflate // what was agreed on compression
	proxied bool             // the peer is a trusted proxy: others speak through it
	prefix  bool             // a PROXY header may still come

	// The token's.
	token   uint64 // a keyed hash of its jti, or noToken
	issued  uint32 // when, in seconds since 1970; 0 if it does not say
	expires uint32 // tick from which the connection is not covered by it
	warning uint16 // ticks before that at which the client is told; 0: it has been

	kept     uint32         // bytes kept of what has not arrived whole, as the shard has counted them
	controls uint16         // pings and pongs that count against it still (see rate.go)
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

// all goes over the sessions whose connections are there.
func (p *sessions) all() iter.Seq[*session] {
	return func(yield func(*session) bool) {
		for _, page := range p.pages {
			for i := range page {
				if page[i].conn != nil && !yield(&page[i]) {
					return
				}
			}
		}
	}
}

// counted returns how many sessions are counted under an address.
func (p *sessions) counted() (n int) {
	for s := range p.all() {
		if s.network != 0 {
			n++
		}
	}
	return n
}
