package server

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/google/uuid"

	"momentum/netpoll"
	"momentum/protocol"
	"momentum/server/history"
	"momentum/server/presence"
	"momentum/server/topics"
)

// ErrNotOnline means that the user to which a message was addressed has no connections.
var ErrNotOnline = errors.New("the user is not online")

// ErrOverloaded means that too many bytes already wait to be sent on a reactor.
var ErrOverloaded = errors.New("the node has too much to send; the message was not delivered: send it again later")

// audience is the set of a message's receivers: one user's connections, a topic's subscribers, or the connections of all users. Of
// the last two, those of one user may be excluded.
type audience struct {
	direct bool
	user   uuid.UUID // direct: the receiving user; otherwise the excluded user, or zero to exclude nobody
	topic  []byte    // the topic whose subscribers they are; nil: it is not for a topic
	asked  bool      // topic: only those that have asked for presence
}

func subscribersBut(topic []byte, user uuid.UUID) audience { return audience{topic: topic, user: user} }

func askersBut(topic []byte, user uuid.UUID) audience {
	return audience{topic: topic, user: user, asked: true}
}

func everybodyBut(user uuid.UUID) audience { return audience{user: user} }

func onlyTo(user uuid.UUID) audience { return audience{direct: true, user: user} }

// publisher is the only way in which a connection gets a message that it did not request: from a client, from the
// administrator, or from presence. Each goroutine that publishes has its own publisher, for the buffers.
type publisher struct {
	node     *node
	json     []byte // the message without its end
	deflated []byte // the same compressed, or nothing
	end      []byte // its number and the brace
	body     []byte
}

// receipt says what became of a message.
type receipt struct {
	history.Receipt
	connections int // for which it was posted
}

// publish encodes a message, posts it to the reactors of its audience, and keeps it. After ErrNotOnline it was posted for no
// connection, but may be kept for a user that is away; after ErrOverloaded neither. The sender must be informed of both.
func (p *publisher) publish(to audience, out protocol.Outgoing, now time.Time, at netpoll.Moment) (r receipt, err error) {
	p.json = appendUnended(p.json[:0], out, now, p.node.options.NewID)
	switch {
	case to.direct:
		r, err = p.toUser(to.user, now)
	case to.asked:
		err = p.toAskers(to, at)
	case to.topic != nil:
		r, err = p.toTopic(to, now, at)
	default:
		r, err = p.toEverybody(to.user, out.Type.Numbered(), now, at)
	}
	if errors.Is(err, ErrOverloaded) {
		p.node.overloaded.Add(1)
	}
	return r, err
}

func (p *publisher) toEverybody(but uuid.UUID, number bool, now time.Time, at netpoll.Moment) (r receipt, err error) {
	n, b := p.node, &p.node.broadcast
	p.compress()
	b.mu.Lock()
	defer b.mu.Unlock()
	for reactor := range n.group.Reactors() {
		if !n.takesForEverybody(reactor) {
			return receipt{}, ErrOverloaded
		}
	}
	if number {
		r.Seq = b.store.Next(&b.channel)
	}
	cut := p.finish(r.Seq)
	n.group.PostAll(netpoll.Post{Op: opFrame, Meta: frameMeta{but, cut, at, r.Seq}.encode()}, p.body)
	if number {
		r.Stored = b.store.Keep(&b.channel, p.body[:cut], but, n.elapsed(now))
	}
	r.connections = n.sessionsNow()
	r.Online = r.connections > 0
	return r, nil
}

func (p *publisher) toTopic(to audience, now time.Time, at netpoll.Moment) (r receipt, err error) {
	n := p.node
	p.compress()
	n.topics.With(to.topic, func(t *topics.Topic, store *history.Store) {
		if !n.takesOn(t.On) {
			err = ErrOverloaded
			return
		}
		if r.connections = t.Subscribers(); r.connections == 0 && !store.Keeps() {
			store.Next(&t.Channel) // a subscriber that comes back has missed it
			return
		}
		r.Online = r.connections > 0
		r.Seq = store.Next(&t.Channel)
		cut := p.finish(r.Seq)
		n.postOn(t.On, netpoll.Post{Op: opTopic, Ref: t, Meta: frameMeta{to.user, cut, at, r.Seq}.encode()}, p.body)
		r.Stored = store.Keep(&t.Channel, p.body[:cut], to.user, n.elapsed(now))
	})
	return r, err
}

// toAskers posts a message of a topic's presence. It has no number and is not kept.
func (p *publisher) toAskers(to audience, at netpoll.Moment) (err error) {
	n := p.node
	p.compress()
	cut := p.finish(0)
	n.topics.With(to.topic, func(t *topics.Topic, _ *history.Store) {
		if !n.takesOn(t.Asks) {
			err = ErrOverloaded
			return
		}
		n.postOn(t.Asks, netpoll.Post{Op: opRoom, Ref: t, Meta: frameMeta{but: to.user, cut: cut, at: at}.encode()}, p.body)
	})
	return err
}

func (p *publisher) toUser(id uuid.UUID, now time.Time) (r receipt, err error) {
	n := p.node
	p.deflated = p.deflated[:0]
	err = ErrNotOnline
	n.hub.With(id, func(to *presence.User, directs *history.Store) {
		for h := range to.Connections {
			if !n.takesForOne(h.Reactor()) {
				err = ErrOverloaded
				return
			}
		}
		if r.Online = to.Online(); !r.Online && !directs.Keeps() {
			directs.Next(&to.Directs) // a client that comes back has missed it
			return
		}
		r.Seq = directs.Next(&to.Directs)
		p.finish(r.Seq)
		for h := range to.Connections {
			n.group.Post(netpoll.Post{Op: opDirect, To: h}, p.body)
			r.connections++
		}
		r.Stored = directs.Keep(&to.Directs, p.body, uuid.Nil, n.elapsed(now))
		if r.Online {
			err = nil
		}
	})
	return r, err
}

// compress compresses the message without its end, once for all receivers, if a live session takes that and it saves enough.
func (p *publisher) compress() {
	p.deflated = p.deflated[:0]
	if len(p.json) >= compressFrom && p.node.compressing.Load() > 0 {
		p.deflated = protocol.AppendDeflated(p.deflated, p.json, protocol.FullDeflate)
	}
}

// finish makes the frame of a message with its number, or without one if it is 0, and the compressed frame after it. It
// returns where that one begins.
func (p *publisher) finish(seq uint64) (cut int) {
	p.end = protocol.AppendEnd(p.end[:0], seq)
	p.body = protocol.AppendHeader(p.body[:0], protocol.OpText, len(p.json)+len(p.end))
	p.body = append(append(p.body, p.json...), p.end...)
	cut = len(p.body)
	if len(p.deflated) > 0 {
		p.body = protocol.AppendDeflatedFrame(p.body, protocol.OpText, p.deflated, p.end)
	}
	return cut
}

// takesForEverybody reports whether a reactor may be given one more message for many: neither do too many bytes wait,
// nor has one message waited for too long.
func (n *node) takesForEverybody(reactor int) bool {
	c := &n.counters[reactor]
	since := c.WaitsSince.Load()
	late := since != 0 && n.group.Moment().Since(netpoll.Moment(since)) > backlogTime
	return !late && c.Waits.Load() <= backlogBytes && n.group.HasRoom(reactor)
}

// takesOn reports whether each reactor that is concerned may be given one more message for many.
func (n *node) takesOn(concerns func(reactor int) bool) bool {
	for reactor := range n.group.Reactors() {
		if concerns(reactor) && !n.takesForEverybody(reactor) {
			return false
		}
	}
	return true
}

// postOn posts to each reactor that is concerned.
func (n *node) postOn(concerns func(reactor int) bool, post netpoll.Post, body []byte) {
	for reactor := range n.group.Reactors() {
		if concerns(reactor) {
			n.group.PostTo(reactor, post, body)
		}
	}
}

// takesForOne reports whether a reactor may be given one more message for a single connection.
func (n *node) takesForOne(reactor int) bool {
	return n.counters[reactor].Queued.Load() <= backlogBytes && n.group.HasRoom(reactor)
}

// frameMeta accompanies the frame of a message for many.
type frameMeta struct {
	but uuid.UUID      // the user that is excluded
	cut int            // where the compressed version begins in the body
	at  netpoll.Moment // when it was posted
	seq uint64         // its number; 0 if it has none
}

func (m frameMeta) encode() netpoll.Meta {
	return netpoll.Meta{
		binary.BigEndian.Uint64(m.but[:8]), binary.BigEndian.Uint64(m.but[8:]), uint64(m.cut)<<32 | uint64(uint32(m.at)), m.seq,
	}
}

func decodeFrameMeta(words *netpoll.Meta) (m frameMeta) {
	binary.BigEndian.PutUint64(m.but[:8], words[0])
	binary.BigEndian.PutUint64(m.but[8:], words[1])
	m.cut, m.at, m.seq = int(words[2]>>32), netpoll.Moment(uint32(words[2])), words[3]
	return m
}

// announce publishes a message of the server itself to all users but one (see presence.Publish).
func (n *node) announce(what protocol.MessageType, data []byte, except uuid.UUID) bool {
	p := publisher{node: n}
	_, err := p.publish(everybodyBut(except), protocol.Outgoing{Type: what, Data: data}, n.options.Now(), n.group.Moment())
	return err == nil
}

// announceIn returns a function that publishes messages of the server itself to the subscribers that ask for a topic's presence.
func (n *node) announceIn(topic string) presence.Publish {
	name := []byte(topic)
	return func(what protocol.MessageType, data []byte, except uuid.UUID) bool {
		p := publisher{node: n}
		out := protocol.Outgoing{Type: what, Data: data, Topic: name}
		_, err := p.publish(askersBut(name, except), out, n.options.Now(), n.group.Moment())
		return err == nil
	}
}
