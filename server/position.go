package server

import (
	"strconv"

	"momentum/protocol"
	"momentum/server/history"
	"momentum/server/stats"
)

// position is the position from which a handshake asks to resume.
type position struct {
	asked             bool
	waited            bool         // for a broadcast that was on its way to the reactor
	outcome           stats.Resume // Resumed as long as nothing is known to be lost
	broadcast, direct uint64       // the numbers of the last messages that the client has had
}

// positionOf reads the position in a request. A position of another epoch says nothing about this node's channels.
func positionOf(r protocol.Resume, epoch string) position {
	p := position{asked: r.Asked, broadcast: r.Broadcast, direct: r.Direct}
	switch {
	case r.Malformed:
		p.outcome = stats.UnknownPosition
	case len(r.Epoch) == 0:
		p.outcome = stats.NewPosition
	case string(r.Epoch) != epoch:
		p.outcome = stats.EpochChanged
	}
	return p
}

// resumed reports whether nothing is known to be lost.
func (p *position) resumed() bool { return p.outcome == stats.Resumed }

// appendTo appends the outcome to an object.
func (p *position) appendTo(dst []byte, missed int) []byte {
	if p.resumed() {
		return strconv.AppendInt(append(dst, `,"resumed":true,"missed":`...), int64(missed), 10)
	}
	return append(append(append(dst, `,"resumed":false,"reason":"`...), p.outcome.String()...), '"')
}

// lose records what a channel has lost since the position. The first loss stays.
func (p *position) lose(loss history.Loss) {
	if !p.resumed() {
		return
	}
	switch loss {
	case history.LostToAge:
		p.outcome = stats.Expired
	case history.LostToBound:
		p.outcome = stats.TooMany
	case history.NeverKnown:
		p.outcome = stats.UnknownPosition
	}
}
