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

// hold keeps a message for later if its channel is being joined, and reports whether it is being joined. If too many bytes are
// kept already, it drops the message, and complete reads it from the bus again.
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

// catchUp asks for the messages that a channel here lacks.
func (r *relay) catchUp(c cluster.Channel) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.with(c, func(p channelPlace) { r.begin(cluster.Arrival{Channel: c, After: p.Seq(), Again: true}) })
}

// apply delivers a message if it is the next one of its channel, and reports whether some are missing before it.
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

// message is a message of a channel as it is posted and kept: its frame, and the compressed one after it.
type message struct {
	seq  uint64
	but  uuid.UUID
	body []byte
	cut  int           // where the compressed frame begins
	age  time.Duration // since it was sent, for one that comes out of the cluster's history; otherwise 0
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

// take gives the channel the number of a message, posts the message to the members here, if post is true, and keeps it.
func (r *relay) take(p channelPlace, m message, post bool) {
	p.store.Number(p.Channel, m.seq)
	if post {
		r.post(p, m)
	}
	p.store.Keep(p.Channel, m.body[:m.cut], m.but, r.elapsed()-m.age)
}

// post posts a message to the members of a channel. A reactor that has too much to send gets the number of the lost message instead, and
// tells its members.
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

// adopt makes a channel here complete, up to the number in the answer, and sends the members what they lack:
//
//	same epoch   the messages after the last one that they have; before them a gap, if some are no longer kept
//	other epoch  the messages with higher numbers than they have had, then their new position. They have not had these messages:
//	             another node was connected to the new primary before this one, and has published them there. Members that
//	             have had no number get the position alone
//
// If the answer begins with an older message than the channel's last one, the channel is emptied and filled again from there. The lock is
// held throughout: a client that resumed in between would find messages missing.
//
// The position of a client has the epochs of the broadcast and of the user's channel. So the clients of a user are told it when either
// epoch has changed, and not before this node knows that of the broadcast: if the broadcast is joined last, tellPositions tells them.
func (r *relay) adopt(j *cluster.Joined, epoch uint32) {
	before := j.Seq - uint64(len(j.Kept)) // number before the first kept message
	list, broadcastKnown, changed := r.framesOf(j), knowsBroadcast(r), false
	r.with(j.Channel, func(p channelPlace) {
		last := p.Seq()                            // of the messages that the members have
		sameEpoch := r.epochs.of(*p.in) == j.Epoch // as that of the numbers that the members have
		joinedBefore := p.in.Epoch() == epoch      // since the bus was connected last
		if sameEpoch && before > last {
			r.postAll(p, lostPost(p, last+1, before))
		}
		if !sameEpoch || before != last {
			p.store.Reset(p.Channel, before, j.Bounded)
		}
		for _, m := range list {
			r.take(p, m, (sameEpoch || last > 0) && m.seq > last)
		}
		p.in.Enter(epoch)
		p.in.Join()
		changed = !sameEpoch || r.renumbered && !joinedBefore && p.user != nil
		if changed && (broadcastKnown || p.user == nil) {
			r.tellPosition(p, epoch)
		}
	})
	if changed && j.Channel.Kind == cluster.Broadcast {
		tellPositions(r)
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
