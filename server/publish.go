package server

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/google/uuid"

	"momentum/netpoll"
	"momentum/protocol"
	"momentum/server/presence"
)

// ErrNotOnline means that the user to which a message was addressed has no connections.
var ErrNotOnline = errors.New("the user is not online")

// ErrOverloaded means that too many bytes already wait to be sent on a reactor.
var ErrOverloaded = errors.New("the node has too much to send; the message was not delivered: send it again later")

// audience is the set of a message's receivers: one user's connections, or those of all users but one.
type audience struct {
	direct bool
	user   uuid.UUID // direct: the receiving user; otherwise the excluded user, or zero to exclude nobody
}

func everybodyBut(user uuid.UUID) audience { return audience{user: user} }

func onlyTo(user uuid.UUID) audience { return audience{direct: true, user: user} }

// publisher is the only way in which a connection gets a message that it did not request: from a client, from the
// administrator, or from presence. Each goroutine that publishes has its own publisher, for the buffers.
type publisher struct {
	node *node
	json []byte
	body []byte
}

// publish encodes a message, posts it to the reactors of its audience, and returns how many connections it was posted
// for. After ErrNotOnline or ErrOverloaded it was posted for none, and the sender must be informed.
func (p *publisher) publish(to audience, out protocol.Outgoing, now time.Time, at netpoll.Moment) (connections int, err error) {
	p.json = appendMessage(p.json[:0], out, now, p.node.options.NewID)
	p.body = protocol.AppendFrame(p.body[:0], protocol.OpText, p.json)
	if to.direct {
		connections, err = p.toUser(to.user)
	} else {
		connections, err = p.toEverybody(to.user, at)
	}
	if errors.Is(err, ErrOverloaded) {
		p.node.overloaded.Add(1)
	}
	return connections, err
}

func (p *publisher) toEverybody(but uuid.UUID, at netpoll.Moment) (connections int, err error) {
	n := p.node
	var cut int
	p.body, cut = n.appendCompressed(p.body, p.json)
	n.everybody.mu.Lock()
	defer n.everybody.mu.Unlock()
	for reactor := range n.group.Reactors() {
		if !n.takesForEverybody(reactor) {
			return 0, ErrOverloaded
		}
	}
	n.everybody.seq++
	n.group.PostAll(netpoll.Post{Op: opFrame, Meta: frameMeta{but, cut, at}.encode()}, p.body)
	return n.sessionsNow(), nil
}

func (p *publisher) toUser(id uuid.UUID) (connections int, err error) {
	n := p.node
	online := n.hub.With(id, func(to *presence.User) {
		for h := range to.Connections {
			if !n.takesForOne(h.Reactor()) {
				err = ErrOverloaded
				return
			}
		}
		for h := range to.Connections {
			n.group.Post(netpoll.Post{Op: opDirect, To: h}, p.body)
			connections++
		}
	})
	if !online || connections == 0 && err == nil {
		err = ErrNotOnline
	}
	return connections, err
}

// takesForEverybody reports whether a reactor may be given one more message for all: neither do too many bytes wait,
// nor has one message waited for too long.
func (n *node) takesForEverybody(reactor int) bool {
	c := &n.counters[reactor]
	since := c.WaitsSince.Load()
	late := since != 0 && n.group.Moment().Since(netpoll.Moment(since)) > backlogTime
	return !late && c.Waits.Load() <= backlogBytes && n.group.HasRoom(reactor)
}

// takesForOne reports whether a reactor may be given one more message for a single connection.
func (n *node) takesForOne(reactor int) bool {
	return n.counters[reactor].Queued.Load() <= backlogBytes && n.group.HasRoom(reactor)
}

// frameMeta accompanies the frame of a message for all.
type frameMeta struct {
	but uuid.UUID      // the user that is excluded
	cut int            // where the compressed version begins in the body
	at  netpoll.Moment // when it was posted
}

func (m frameMeta) encode() netpoll.Meta {
	return netpoll.Meta{
		binary.BigEndian.Uint64(m.but[:8]), binary.BigEndian.Uint64(m.but[8:]), uint64(m.cut), uint64(m.at),
	}
}

func decodeFrameMeta(words *netpoll.Meta) (m frameMeta) {
	binary.BigEndian.PutUint64(m.but[:8], words[0])
	binary.BigEndian.PutUint64(m.but[8:], words[1])
	m.cut, m.at = int(words[2]), netpoll.Moment(words[3])
	return m
}

// announce publishes a message of the server itself to all users but one (see presence.Publish).
func (n *node) announce(what protocol.MessageType, data []byte, except uuid.UUID) bool {
	p := publisher{node: n}
	_, err := p.publish(everybodyBut(except), protocol.Outgoing{Type: what, Data: data}, n.options.Now(), n.group.Moment())
	return err == nil
}
