package server

import (
	"slices"

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

// hold keeps a message of a channel that is being joined, and reports whether it is.
func (r *relay) hold(d *cluster.Delivery) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	is := r.pending[d.Channel]
	if is == nil {
		return false
	}
	size := len(d.JSON) + heldOverhead
	if is.dropped = is.dropped || r.heldBytes+size > r.mostHeld; !is.dropped {
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
	r.prepare(d)
	r.with(d.Channel, func(p channelPlace) {
		switch {
		case !p.in.Joined() || p.in.Epoch() != epoch || d.Seq <= p.Seq():
		case d.Seq > p.Seq()+1:
			missing = true
		default:
			r.take(p, d, true)
		}
	})
	return missing
}

// prepare has the framer ready for a message. It compresses before the channel's lock is taken.
func (r *relay) prepare(d *cluster.Delivery) {
	r.json, r.deflated = append(r.json[:0], d.JSON...), r.deflated[:0]
	if d.Channel.Kind != cluster.Direct {
		r.compress()
	}
}

// take numbers a message, posts it to the members of its channel here, if that is asked for, and keeps it.
func (r *relay) take(p channelPlace, d *cluster.Delivery, post bool) {
	p.store.Number(p.Channel, d.Seq)
	cut := r.finish(d.Seq)
	if post {
		r.post(p, d.Seq, d.But, cut)
	}
	p.store.Keep(p.Channel, r.body[:cut], d.But, r.elapsed())
}

// post posts the message in the framer to the members of a channel. A reactor that has too much to send gets the number of the lost
// message instead, and tells its members.
func (r *relay) post(p channelPlace, seq uint64, but uuid.UUID, cut int) {
	if p.user != nil {
		r.postToUser(p, seq)
		return
	}
	post := netpoll.Post{Op: opFrame, Meta: frameMeta{but, cut, r.group.Moment(), seq}.encode()}
	if p.topic != nil {
		post.Op, post.Ref = opTopic, p.topic
	}
	for reactor := range r.group.Reactors() {
		switch {
		case p.topic != nil && !p.topic.On(reactor):
		case r.capacity.forMany(reactor):
			r.group.PostTo(reactor, post, r.body)
		case seq != 0: // a message without a number cannot be missed in a channel
			r.group.PostTo(reactor, lostPost(p, seq, seq), nil)
		}
	}
}

func (r *relay) postToUser(p channelPlace, seq uint64) {
	for h := range p.user.Connections {
		if r.capacity.forOne(h.Reactor()) {
			r.group.Post(netpoll.Post{Op: opDirect, To: h}, r.body)
			continue
		}
		if seq == 0 {
			continue // a message without a number cannot be missed in a channel
		}
		lost := lostPost(p, seq, seq)
		lost.To = h
		r.group.Post(lost, nil)
	}
}

// adopt makes a channel here complete, up to the number in the answer. In another epoch, the members get the messages with higher numbers
// than they have had, which are new to them, before they are told the position: their node may have been connected later than others,
// which have sent by then.
func (r *relay) adopt(j *cluster.Joined, epoch uint32) {
	before := j.Seq - uint64(len(j.Kept)) // number before the first one that is kept
	var last uint64                       // that the members have
	live := false                         // they have had numbers of this epoch
	again := false                        // it was joined since the bus was connected last
	r.with(j.Channel, func(p channelPlace) {
		last, live = p.Seq(), r.epochs.of(*p.in) == j.Epoch
		if live && before > last {
			r.postAll(p, lostPost(p, last+1, before))
		}
		if !live || before != last {
			p.store.Reset(p.Channel, before, j.Bounded)
		}
		again = p.in.Epoch() == epoch
		p.in.Enter(epoch)
	})
	for i := range j.Kept {
		d := &j.Kept[i]
		r.prepare(d)
		r.with(j.Channel, func(p channelPlace) { r.take(p, d, (live || last > 0) && d.Seq > last) })
	}
	r.with(j.Channel, func(p channelPlace) {
		p.in.Join()
		if !live || r.renumbered && !again && p.user != nil {
			r.tellPosition(p, epoch)
		}
	})
}
