package main

import (
	"momentum/netpoll"
	"momentum/protocol"
)

// notMember is the index of a session whose handshake is incomplete, or whose close frame has been sent.
const notMember int32 = -1

// session is what a loop stores for one connection.
type session struct {
	conn    *netpoll.Conn
	decoder protocol.Decoder
	member  int32 // its place in the round
	had     int   // bytes of the frames it is due next that it has had, catching up
	deflate protocol.Deflate
}

// sessions stores them by value, at the slots of their connections. They never move.
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
