package server

import (
	"errors"

	"momentum/netpoll"
	"momentum/server/cluster"
	"momentum/server/history"
)

// ErrBusUnavailable means that the other nodes of the cluster cannot be reached.
var ErrBusUnavailable = errors.New("the other nodes of the cluster cannot be reached now: send it again later")

// Settled gives the outcomes of messages to their senders (see cluster.Node). If the bus has given up a message, an administrator, or a
// client that asked for an acknowledgement, gets an error and may send it again. Any other message is then delivered on this node alone,
// without a number, if it has receivers here.
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

// deliverHere posts a message that the bus has given up to the members of its channel on this node. It returns false if nobody here can
// get it: it is for a user that is not on this node, or the bus kept it for too long.
func (r *relay) deliverHere(m *cluster.Lost) (delivered bool) {
	if len(m.JSON) == 0 {
		return false // the bus has given it up too late, and without its bytes
	}
	delivered = m.To.Kind != cluster.Direct
	f := r.frameOf(&cluster.Delivery{Channel: m.To, But: m.But, JSON: m.JSON}, true)
	r.with(m.To, func(p channelPlace) {
		if p.user != nil && !p.user.Online() {
			return
		}
		r.post(p, f)
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
