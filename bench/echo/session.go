package main

import (
	"momentum/netpoll"
	"momentum/protocol"
)

// notMember is the place of a session before the end of its handshake, and after its close frame.
const notMember int32 = -1

// session is a loop's data of one connection.
type session struct {
	conn    *netpoll.Conn
	decoder protocol.Decoder
	member  int32 // its index among the members of the round
	had     int   // bytes of its next frames that it has received early, by catchUp
	deflate protocol.Deflate
}

// sessions holds the sessions by value, by the slots of their connections. They never move.
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
