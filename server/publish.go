package server

import (
	"errors"
	"time"

	"github.com/google/uuid"

	"momentum/netpoll"
	"momentum/protocol"
	"momentum/server/cluster"
	"momentum/server/fanout"
	"momentum/server/history"
	"momentum/server/presence"
	"momentum/server/topics"
)

// ErrNotOnline means that the user to which a message was addressed has no connections.
var ErrNotOnline = errors.New("the user is not online")

// ErrOverloaded means that too many bytes already wait to be sent on a reactor.
var ErrOverloaded = errors.New("the node has too much to send; the message was not delivered: send it again later")

// publisher sends the messages of clients, administrators and presence to connections; no message takes another way. It has two
// methods, and the caller asks node.relayed which of them to call: publish numbers and posts a message on this node; send gives
// it to the bus, which numbers it, and the relay posts it when it comes back. Each goroutine that publishes has its own publisher,
// for the buffers.
type publisher struct {
	node *node
	framer
}

func newPublisher(n *node) publisher { return publisher{n, framer{compressing: &n.compressing}} }

// busWait is 1/25 of a pass over 1,000 members at 10 µs a write. The frames of senders that answer the end of a pass come one after
// another, within about that time (docs/adr/0024-bus.md).
const busWait = 400 * time.Microsecond

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

// relayed reports whether messages of a type go through the bus: in a cluster, those with a number do.
func (n *node) relayed(t protocol.MessageType) bool { return n.relay != nil && t.Numbered() }

// send gives a message to the bus. It returns ErrOverloaded if too many bytes wait for the bus, or for a reactor of this node.
func (p *publisher) send(to audience, out protocol.Outgoing, once cluster.Once, back *errand) error {
	n := p.node
	if !to.direct {
		for reactor := range n.group.Reactors() {
			if !n.capacity().forMany(reactor) {
				return p.refuse()
			}
		}
	}
	p.json = appendUnended(p.json[:0], out, n.options.Now(), n.options.NewID)
	m := cluster.Message{To: channelOf(to), But: to.excluded(), JSON: p.json, Once: once, Wait: n.waitFor(to)}
	if back != nil {
		m.Ref = back
	}
	if !n.relay.bus.Publish(m) {
		return p.refuse()
	}
	return nil
}

// waitFor returns how long a message waits for others on its way to the bus. One for an audience so large that a pass over it waits for others
// waits here, too: what arrives in one bundle shares the writes.
func (n *node) waitFor(to audience) time.Duration {
	members := 0
	switch {
	case to.topic != nil:
		n.topics.With(to.topic, func(t *topics.Topic, _ *history.Store) { members = t.Subscribers() })
	case !to.direct:
		members = n.sessionsNow()
	}
	if members < fanout.GatherFrom*n.group.Reactors() {
		return 0
	}
	return busWait
}

// refuse counts a message that was refused, and returns the error.
func (p *publisher) refuse() error {
	p.node.overloaded.Add(1)
	return ErrOverloaded
}

func (p *publisher) toEverybody(but uuid.UUID, number bool, now time.Time, at netpoll.Moment) (r receipt, err error) {
	n, b := p.node, &p.node.broadcast
	p.compress()
	b.mu.Lock()
	defer b.mu.Unlock()
	for reactor := range n.group.Reactors() {
		if !n.capacity().forMany(reactor) {
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
		if !n.capacity().on(t.On) {
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
		if !n.capacity().on(t.Asks) {
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
			if !n.capacity().forOne(h.Reactor()) {
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

// announce publishes a message of the server itself to all users but one (see presence.Publish).
func (n *node) announce(what protocol.MessageType, data []byte, except uuid.UUID) bool {
	p := newPublisher(n)
	_, err := p.publish(everybodyBut(except), protocol.Outgoing{Type: what, Data: data}, n.options.Now(), n.group.Moment())
	return err == nil
}

// announceIn returns a function that publishes messages of the server itself to the subscribers that ask for a topic's presence.
func (n *node) announceIn(topic string) presence.Publish {
	name := []byte(topic)
	return func(what protocol.MessageType, data []byte, except uuid.UUID) bool {
		p := newPublisher(n)
		out := protocol.Outgoing{Type: what, Data: data, Topic: name}
		_, err := p.publish(askersBut(name, except), out, n.options.Now(), n.group.Moment())
		return err == nil
	}
}
