package server

import (
	"errors"
	"time"

	"momentum/netpoll"
	"momentum/protocol"
	"momentum/server/cluster"
	"momentum/server/history"
)

// ErrBusUnavailable means that the other nodes of the cluster cannot be reached.
var ErrBusUnavailable = errors.New("the other nodes of the cluster cannot be reached now: send it again later")

// outcomePatience is how long an administrator's call waits for the bus: longer than the bus holds messages while it cannot be
// reached.
const outcomePatience = 5 * time.Second

// relayed reports whether messages for the audience go through the bus: those with a number do.
func (n *node) relayed(t protocol.MessageType) bool { return n.relay != nil && t.Numbered() }

// send gives a message to the bus. It returns ErrOverloaded if too much waits for it, or here.
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
	m := cluster.Message{To: channelOf(to), But: to.excluded(), JSON: p.json, Once: once}
	if back != nil {
		m.Ref = back
	}
	if !n.relay.bus.Publish(m) {
		return p.refuse()
	}
	return nil
}

func (p *publisher) refuse() error {
	p.node.overloaded.Add(1)
	return ErrOverloaded
}

// Settled takes the outcomes of messages from the bus (see cluster.Node). A message that the bus has given up is delivered on this
// node alone, without a number, unless its sender will send it again.
func (r *relay) Settled(list []cluster.Outcome) {
	for i := range list {
		o := list[i]
		back, _ := o.Ref.(*errand)
		if errors.Is(o.Err, cluster.ErrUnavailable) && (back == nil || !back.ack && back.done == nil) && r.deliverHere(&o.Lost) {
			continue
		}
		o.Lost = cluster.Lost{}
		switch {
		case back == nil:
		case back.done != nil:
			back.done <- o
		case back.ack || o.Err != nil || back.direct && o.Nodes == 0:
			r.group.Post(netpoll.Post{Op: opOutcome, To: back.session, Ref: &outcome{back, o}}, nil)
		}
	}
}

// deliverHere posts a message that the bus has not taken to the members of its channel on this node. It reports false for a direct
// message to a user that is not here.
func (r *relay) deliverHere(m *cluster.Lost) (delivered bool) {
	delivered = m.To.Kind != cluster.Direct
	r.prepare(&cluster.Delivery{Channel: m.To, JSON: m.JSON})
	r.with(m.To, func(p channelPlace) {
		if p.user != nil && !p.user.Online() {
			return
		}
		r.post(p, 0, m.But, r.finish(0))
		delivered = true
	})
	if delivered {
		r.figures.local.Add(1)
	}
	return delivered
}

// receiptOf returns the outcome as a receipt.
func receiptOf(o *cluster.Outcome) (r history.Receipt, err error) {
	r = history.Receipt{Seq: o.Seq, Online: o.Nodes > 0, Stored: o.Stored}
	if errors.Is(o.Err, cluster.ErrUnavailable) {
		err = ErrBusUnavailable
	}
	return r, err
}

// relayAdmin sends an administrator's message through the bus and waits for the outcome (see fromAdmin).
func (n *node) relayAdmin(to audience, id string, once bool, out protocol.Outgoing) (Receipt, error) {
	back := &errand{direct: to.direct, done: make(chan cluster.Outcome, 1)}
	var key cluster.Once
	if once {
		key.ID = out.ID
	}
	p := newPublisher(n)
	if err := p.send(to, out, key, back); err != nil {
		return Receipt{ID: id}, err
	}
	select {
	case o := <-back.done:
		r, err := receiptOf(&o)
		if err == nil && to.direct && !r.Online {
			err = ErrNotOnline
		}
		return Receipt{ID: id, Nodes: o.Nodes, Seq: r.Seq, Stored: r.Stored}, err
	case <-time.After(outcomePatience):
		return Receipt{ID: id}, ErrBusUnavailable
	}
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
