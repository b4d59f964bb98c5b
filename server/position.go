package server

import (
	"bytes"
	"strconv"

	"momentum/protocol"
	"momentum/server/history"
	"momentum/server/stats"
)

// position is the position from which a handshake asks to resume.
type position struct {
	asked             bool
	waited            bool         // for a broadcast that was on its way to the reactor
	waits             uint8        // how often it has waited for the bus
	read              missedRead   // by the bus, for this handshake
	outcome           stats.Resume // Resumed as long as nothing is known to be lost
	epoch             shortText    // in which the numbers were given
	broadcast, direct uint64       // the numbers of the last messages that the client has had
}

// shortText is an epoch, by value.
type shortText struct {
	bytes  [protocol.MaxEpochBytes]byte
	length uint8
}

func (t *shortText) text() []byte { return t.bytes[:t.length] }

// positionOf reads the position in a request.
func positionOf(r protocol.Resume) position {
	p := position{asked: r.Asked, broadcast: r.Broadcast, direct: r.Direct}
	p.epoch.length = uint8(copy(p.epoch.bytes[:], r.Epoch))
	switch {
	case r.Malformed:
		p.outcome = stats.UnknownPosition
	case len(r.Epoch) == 0:
		p.outcome = stats.NewPosition
	}
	return p
}

// compare compares the epoch of the position with the present one, which is empty if it is not known. A position of another epoch
// says nothing about the channels of the present one.
func (p *position) compare(epoch []byte) {
	switch {
	case !p.resumed() || bytes.Equal(p.epoch.text(), epoch):
	case len(epoch) == 0:
		p.outcome = stats.UnknownPosition
	default:
		p.outcome = stats.EpochChanged
	}
}

// resumed reports whether nothing is known to be lost.
func (p *position) resumed() bool { return p.outcome == stats.Resumed }

// request returns the outcome of the request for a topic that has the position.
func (p *position) request() stats.Request {
	if !p.asked {
		return stats.Request(stats.NewPosition)
	}
	return stats.Request(p.outcome)
}

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
