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
	age  time.Duration // if it was kept elsewhere
}

// frameOf makes the frame of a delivery, in the framer's memory. That is done before the channel's lock is taken. If nobody will get the
// message, it is not compressed.
func (f *framer) frameOf(d *cluster.Delivery, posted bool) message {
	f.json, f.deflated = append(f.json[:0], d.JSON...), f.deflated[:0]
	if posted && d.Channel.Kind != cluster.Direct {
		f.compress()
	}
	cut := f.finish(d.Seq)
	return message{seq: d.Seq, but: d.But, body: f.body, cut: cut}
}

// take numbers a message, posts it to the members of its channel here, if that is asked for, and keeps it.
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

// adopt makes a channel here complete, up to the number in the answer. In another epoch, the members get the messages with higher numbers
// than they have had, which are new to them, before they are told the position: their node may have been connected later than others,
// which have sent by then.
//
// The channel may go back to an older number, from which it is filled again. All of that is done in one hold of its lock: a client that
// resumes in between would find the channel shorter than it is, and miss the rest.
//
// A client's position has the broadcast's epoch and number too. So if the broadcast is joined after a user's channel, because the bus has
// refused to join it at first, the user is told the position then.
func (r *relay) adopt(j *cluster.Joined, epoch uint32) {
	before := j.Seq - uint64(len(j.Kept)) // number before the first one that is kept
	list, based, changed := r.framesOf(j), knowsBroadcast(r), false
	r.with(j.Channel, func(p channelPlace) {
		last := p.Seq()                       // that the members have
		live := r.epochs.of(*p.in) == j.Epoch // they have had numbers of this epoch
		again := p.in.Epoch() == epoch        // it was joined since the bus was connected last
		if live && before > last {
			r.postAll(p, lostPost(p, last+1, before))
		}
		if !live || before != last {
			p.store.Reset(p.Channel, before, j.Bounded)
		}
		for _, m := range list {
			r.take(p, m, (live || last > 0) && m.seq > last)
		}
		p.in.Enter(epoch)
		p.in.Join()
		changed = !live || r.renumbered && !again && p.user != nil
		if changed && (based || p.user == nil) {
			r.tellPosition(p, epoch)
		}
	})
	if changed && j.Channel.Kind == cluster.Broadcast {
		tellPositions(r)
	}
}

// framesOf makes the frames of the messages in an answer. Those that the members have are not compressed.
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
