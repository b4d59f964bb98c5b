package main

import (
	"momentum/netpoll"
	"momentum/protocol"
)

// loop is one reactor's share of the server. It implements netpoll.Handler, so everything in it belongs to the
// reactor's goroutine.
type loop struct {
	post     func(frame []byte) bool // gives a frame to the other reactors, and asks for a turn; nil: echo
	sessions sessions
	heads    map[uint32]*head // by slot: requests that have arrived in part
	round    round
	request  protocol.Handshake // parsed in place, one at a time
	reply    []byte             // the answers to one read, written together; empty between reads
}

// Opened begins with the handshake.
func (l *loop) Opened(c *netpoll.Conn) { *l.sessions.at(c) = session{conn: c, member: notMember} }

// Data goes to the handshake or to the frames behind it.
func (l *loop) Data(c *netpoll.Conn, b []byte) {
	s := l.sessions.at(c)
	if s.member == notMember {
		b = l.readRequest(s, b)
	}
	if s.member != notMember {
		l.readFrames(s, b)
	}
}

// Deadline is never armed: nothing here waits for a peer but what netpoll bounds itself.
func (l *loop) Deadline(*netpoll.Conn) {}

// Slow ends a connection that does not read.
func (l *loop) Slow(c *netpoll.Conn) {
	l.end(l.sessions.at(c), protocol.StatusTryAgainLater, "read faster")
}

// Closed forgets the session.
func (l *loop) Closed(c *netpoll.Conn, _ error) {
	s := l.sessions.at(c)
	l.round.leave(s)
	s.decoder.Release()
	delete(l.heads, c.Slot())
	*s = session{}
}

// Posted brings a frame for everybody.
func (l *loop) Posted(_ *netpoll.Post, frame []byte) {
	l.round.pending = append(l.round.pending, frame...)
}

// Work sends what was posted.
func (l *loop) Work(budget int) (more bool) { return l.round.advance(budget) }

// Ticked has nothing to do.
func (l *loop) Ticked() {}
