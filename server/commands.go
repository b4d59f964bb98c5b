package server

import (
	"errors"

	"github.com/google/uuid"

	"momentum/protocol"
	"momentum/server/cluster"
	"momentum/server/history"
)

// commands executes the messages of clients.
type commands struct {
	*base
	replies       *replies
	replays       *replays
	refreshes     *refreshes
	subscriptions *subscriptions
	listings      *listings
	publisher     publisher
	parser        protocol.EnvelopeParser // one message at a time
}

// run executes a client's message.
func (c *commands) run(s *session, payload []byte) {
	var e protocol.Envelope
	fault := c.parser.Parse(payload, &e)
	switch {
	case fault != nil:
		c.replies.complain(fault.Code, fault.Message, fault.RefID)
	case e.Type == protocol.Ping:
		c.replies.pong(&e)
	case e.Type == protocol.Text || e.Type == protocol.Notification:
		c.route(s, &e)
	case e.Type == protocol.Refresh:
		c.refresh(s, &e)
	case e.Type == protocol.Subscribe || e.Type == protocol.Unsubscribe:
		c.subscribe(s, ask{kind: e.Type, id: e.ID, data: e.Data})
	case e.Type == protocol.Who:
		c.list(s, &e)
	default:
		c.replies.complain("not_allowed", "clients may send text, notification, ping, refresh, subscribe, unsubscribe and who", e.ID)
	}
}

// subscribe runs a message about topics. During a replay, the message is kept until the replay has ended.
func (c *commands) subscribe(s *session, a ask) {
	if !c.replays.postpone(s, a) {
		c.subscriptions.run(s, a)
	}
}

// list starts the listing of a page of the users online, or of a topic's subscribers.
func (c *commands) list(s *session, e *protocol.Envelope) {
	w, ok := c.parser.Listing(e.Data)
	if ok {
		ok = c.listings.ask(s, e.ID, w)
	}
	if !ok {
		c.replies.complain("bad_who", "data may have topic, the name of one; after, next of the page before; and limit, from 1 to 1000", e.ID)
	}
}

// refresh starts the check of the token in a message.
func (c *commands) refresh(s *session, e *protocol.Envelope) {
	if token, ok := c.parser.Token(e.Data); ok {
		c.refreshes.begin(s, e.ID, token)
		return
	}
	c.replies.complain(refreshRefused, `data must be {"token":"…"}`, e.ID)
}

// route sends a message to every other user, or to one user's connections.
func (c *commands) route(s *session, e *protocol.Envelope) {
	to := everybodyBut(s.user.ID)
	switch {
	case e.HasTo:
		to = onlyTo(uuid.UUID(e.To))
	case e.Topic != nil && !c.subscriptions.grants.mayPublish(s, e.Topic):
		c.replies.complain("topic_not_allowed", "the token does not allow this user to publish to the topic", e.ID)
		return
	case e.Topic != nil:
		to = subscribersBut(e.Topic, s.user.ID)
	}
	out := protocol.Outgoing{
		ID: e.ID, Type: e.Type, Data: e.Data, Timestamp: e.Timestamp,
		From: s.user.ID, HasFrom: true, FromName: nameOf(c.node, s), To: e.To, HasTo: e.HasTo, Topic: e.Topic,
	}
	if c.node.relayed(e.Type) {
		c.send(s, to, out, e.Ack)
		return
	}
	if e.Ack {
		c.acknowledge(s, to, out)
		return
	}
	r, err := c.publisher.publish(to, out, c.now(), c.reactor.Moment())
	switch {
	case errors.Is(err, ErrNotOnline):
		c.replies.notOnline(r.Stored, e.ID)
	case errors.Is(err, ErrOverloaded):
		c.replies.overloaded(e.ID)
	}
}

// acknowledge sends a message that the client wants to have acknowledged, and the acknowledgement. If the client has sent it
// before, it only gets the same acknowledgement again.
func (c *commands) acknowledge(s *session, to audience, out protocol.Outgoing) {
	now := c.now()
	r, err := c.node.receipts.Once(s.user.ID, out.ID, c.node.options.History.Messages, c.node.elapsed(now), func() (history.Receipt, error) {
		r, err := c.publisher.publish(to, out, now, c.reactor.Moment())
		if r.Stored && errors.Is(err, ErrNotOnline) {
			err = nil // it will be delivered
		}
		return r.Receipt, err
	})
	if errors.Is(err, ErrOverloaded) {
		c.replies.overloaded(out.ID)
		return
	}
	c.replies.ack(out.ID, r)
}

// send gives a client's message to the bus. Its answer follows, if it needs one.
func (c *commands) send(s *session, to audience, out protocol.Outgoing, ack bool) {
	var back *errand
	var once cluster.Once
	if ack || to.direct {
		back = &errand{session: s.handle(), id: append([]byte(nil), out.ID...), ack: ack, direct: to.direct}
	}
	if ack {
		once = cluster.Once{Sender: s.user.ID, ID: out.ID}
	}
	if to.direct && c.node.relay.bus.Idle() {
		c.reactor.WantYield() // the bus takes the message at once. Messages for many may wait for others, which share their writes
	}
	if c.publisher.send(to, out, once, back) != nil {
		c.replies.overloaded(out.ID)
	}
}

// answer tells a client what became of its message.
func (c *commands) answer(o *outcome) {
	s := c.live(o.session)
	if s == nil {
		return
	}
	r, err := receiptOf(&o.Outcome)
	switch {
	case err != nil:
		c.replies.complain("bus_unavailable", "the other nodes cannot be reached now; the message was not delivered: send it again later", o.id)
	case o.ack:
		c.replies.ack(o.id, r)
	default:
		c.replies.notOnline(r.Stored, o.id)
	}
	c.replies.flush(s)
}
