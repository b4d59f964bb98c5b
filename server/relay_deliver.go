package server

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"momentum/netpoll"
	"momentum/server/cluster"
)

// Deliver takes new messages from the bus (see cluster.Node).
func (r *relay) Deliver(list []cluster.Delivery) {
	for i := range list {
		d := &list[i]
		if !r.hold(d) && r.apply(d) {
			r.catchUp(d.Channel)
			r.hold(d)
		}
	}
}

// hold reports whether a message's channel is being joined. If so, it keeps the message until the join is complete. If too
// many bytes are kept already, it drops the message, and complete reads it from the bus again.
func (r *relay) hold(d *cluster.Delivery) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	is := r.pending[d.Channel]
	if is == nil {
		return false
	}
	size := len(d.JSON) + heldOverhead
	if is.dropped = is.dropped || r.heldBytes+size > r.maxHeld; !is.dropped {
		kept := *d
		kept.JSON = slices.Clone(d.JSON)
		is.held = append(is.held, kept)
		is.bytes += size
		r.heldBytes += size
	} else {
		r.figures.unheld.Add(1)
	}
	return true
}

// catchUp asks the bus for the missing messages of a channel here.
func (r *relay) catchUp(c cluster.Channel) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.with(c, func(p channelPlace) { r.begin(cluster.Arrival{Channel: c, After: p.Seq(), Again: true}) })
}

// apply delivers a message if it has the next number of its channel, and reports whether earlier messages are missing.
func (r *relay) apply(d *cluster.Delivery) (missing bool) {
	r.mu.Lock()
	epoch := r.epochs.number(d.Epoch)
	r.mu.Unlock()
	f := r.frameOf(d, true)
	r.with(d.Channel, func(p channelPlace) {
		switch {
		case !p.in.Joined() || p.in.Epoch() != epoch || d.Seq <= p.Seq():
		case d.Seq > p.Seq()+1:
			missing = true
		default:
			r.take(p, f, true)
		}
	})
	return missing
}

// message is a message in the form in which it is posted and kept: the plain frame, followed by the compressed one.
type message struct {
	seq  uint64
	but  uuid.UUID
	body []byte
	cut  int           // where the compressed frame begins
	age  time.Duration // time since it was sent, if it comes from the cluster's history; otherwise 0
}

// frameOf makes the frame of a delivery, in the framer's memory. The caller does not hold the channel's lock yet. Only a message that will
// be posted to many is compressed.
func (f *framer) frameOf(d *cluster.Delivery, posted bool) message {
	f.json, f.deflated = append(f.json[:0], d.JSON...), f.deflated[:0]
	if posted && d.Channel.Kind != cluster.Direct {
		f.compress()
	}
	cut := f.finish(d.Seq)
	return message{seq: d.Seq, but: d.But, body: f.body, cut: cut}
}

// take sets the channel's number to that of a message, posts the message to the members here if post is true, and keeps
// it in the history.
func (r *relay) take(p channelPlace, m message, post bool) {
	p.store.Number(p.Channel, m.seq)
	if post {
		r.post(p, m)
	}
	p.store.Keep(p.Channel, m.body[:m.cut], m.but, r.elapsed()-m.age)
}

// post posts a message to the members of a channel. If a reactor has too much to send, it gets only the message's number, and sends its
// members a gap message.
func (r *relay) post(p channelPlace, m message) {
	if p.user != nil {
		r.postToUser(p, m)
		return
	}
	post := netpoll.Post{Op: opFrame, Meta: frameMeta{m.but, m.cut, r.group.Moment(), m.seq}.encode()}
	if p.topic != nil {
		post.Op, post.Ref = opTopic, p.topic
	}
	for reactor := range r.group.Reactors() {
		switch {
		case p.topic != nil && !p.topic.On(reactor):
		case r.capacity.forMany(reactor):
			r.group.PostTo(reactor, post, m.body)
		case m.seq != 0: // a message without a number cannot be missed in a channel
			r.group.PostTo(reactor, lostPost(p, m.seq, m.seq), nil)
		}
	}
}

func (r *relay) postToUser(p channelPlace, m message) {
	for h := range p.user.Connections {
		if r.capacity.forOne(h.Reactor()) {
			r.group.Post(netpoll.Post{Op: opDirect, To: h}, m.body)
			continue
		}
		if m.seq == 0 {
			continue // a message without a number cannot be missed in a channel
		}
		lost := lostPost(p, m.seq, m.seq)
		lost.To = h
		r.group.Post(lost, nil)
	}
}

// adopt completes the history of a channel here up to the number in an answer, and sends the members the messages that
// they have not had:
//
//	same epoch   a gap message, if some of them are no longer kept; then the others
//	other epoch  the messages with numbers above the members' last one, then the new position. Another node was connected to the
//	             new primary earlier and has published these messages there, so the members cannot have had them. Members
//	             without a number get the position alone
//
// If the answer begins before the channel's last message, the channel is emptied and filled again from the answer. The lock is held
// throughout, because a client that resumed in between would miss messages.
//
// The position of a client has the epochs of the broadcast and of the user's channel. So a user's clients get a new position when
// either epoch has changed, and only after this node knows the epoch of the broadcast: if the broadcast is joined last, postPositions
// sends the positions.
func (r *relay) adopt(j *cluster.Joined, epoch uint32) {
	before := j.Seq - uint64(len(j.Kept)) // number before the first kept message
	list, broadcastKnown, changed := r.framesOf(j), knowsBroadcast(r), false
	r.with(j.Channel, func(p channelPlace) {
		last := p.Seq()                            // of the messages that the members have
		sameEpoch := r.epochs.of(*p.in) == j.Epoch // as the epoch of the members' numbers
		if sameEpoch && before > last {
			r.postAll(p, lostPost(p, last+1, before))
		}
		changed = !sameEpoch || p.user != nil && p.in.Epoch() < r.renumbered
		if !sameEpoch || before != last {
			p.store.Reset(p.Channel, before, j.Bounded)
		}
		for _, m := range list {
			r.take(p, m, (sameEpoch || last > 0) && m.seq > last)
		}
		p.in.Enter(epoch)
		p.in.Join()
		if changed && (broadcastKnown || p.user == nil) {
			r.postPosition(p, epoch)
		}
	})
	if changed && j.Channel.Kind == cluster.Broadcast {
		postPositions(r)
	}
}

// framesOf makes the frames of the messages in an answer. Messages that the members have already are not compressed.
func (r *relay) framesOf(j *cluster.Joined) []message {
	if len(j.Kept) == 0 {
		return nil
	}
	var last uint64
	r.with(j.Channel, func(p channelPlace) { last = p.Seq() })
	list := make([]message, len(j.Kept))
	for i := range j.Kept {
		d := &j.Kept[i]
		list[i] = r.frameOf(d, d.Seq > last)
		if !d.Sent.IsZero() {
			list[i].age = max(0, r.now().Sub(d.Sent))
		}
		r.body = nil // the message keeps it
	}
	return list
}
