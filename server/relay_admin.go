package server

import (
	"fmt"
	"time"

	"momentum/protocol"
	"momentum/server/cluster"
)

// outcomePatience is how long an administrator's call waits for the bus: longer than the bus holds messages while it cannot be
// reached.
const outcomePatience = 5 * time.Second

// ErrOutcomeUnknown is an ErrBusUnavailable of a message that may still be published: it was under way when Redis stopped answering.
var ErrOutcomeUnknown = fmt.Errorf("the message may still be published, and is published once if it is sent again with the same id: %w", ErrBusUnavailable)

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
	case <-time.After(n.relay.patience):
		return Receipt{ID: id}, ErrOutcomeUnknown
	}
}
