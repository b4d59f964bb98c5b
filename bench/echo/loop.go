package main

import (
	"momentum/netpoll"
	"momentum/protocol"
)

// loop is one reactor's share of the server. It implements netpoll.Handler, so everything in it belongs to the
// reactor's goroutine.
type loop struct {
	post     func(frame []byte) bool // posts a frame to the other reactors and asks for a turn; nil if messages are echoed
	sessions sessions
	heads    map[uint32]*head // by slot: requests of which a part has arrived
	round    round
	request  protocol.Handshake // parsed in place, one at a time
	reply    []byte             // the answers to one read, written together; empty between reads
}

// Opened begins a session, which waits for its handshake.
func (l *loop) Opened(c *netpoll.Conn) { *l.sessions.at(c) = session{conn: c, member: notMember} }

// Data handles the handshake and the frames after it.
func (l *loop) Data(c *netpoll.Conn, b []byte) {
	s := l.sessions.at(c)
	if s.member == notMember {
		b = l.readRequest(s, b)
	}
	if s.member != notMember {
		l.readFrames(s, b)
	}
}

// Deadline is not called: no deadline is set here. netpoll itself limits the time of a flush.
func (l *loop) Deadline(*netpoll.Conn) int { return 1 }

// Slow ends the connection of a client that does not read.
func (l *loop) Slow(c *netpoll.Conn) int {
	l.end(l.sessions.at(c), protocol.StatusTryAgainLater, "read faster")
	return 1
}

// Closed removes the session.
func (l *loop) Closed(c *netpoll.Conn, _ error) {
	s := l.sessions.at(c)
	l.round.leave(s)
	s.decoder.Release()
	delete(l.heads, c.Slot())
	*s = session{}
}

// Posted adds a frame to the next round.
func (l *loop) Posted(_ *netpoll.Post, frame []byte) {
	l.round.pending = append(l.round.pending, frame...)
}

// Work sends the frames of the current round.
func (l *loop) Work(budget int) (more bool) { return l.round.advance(budget) }

// Ticked has nothing to do.
func (l *loop) Ticked() {}
