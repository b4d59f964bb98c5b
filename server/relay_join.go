package server

import (
	"github.com/google/uuid"

	"momentum/netpoll"
	"momentum/protocol"
	"momentum/server/cluster"
	"momentum/server/history"
	"momentum/server/presence"
	"momentum/server/topics"
)

// worthWaiting reports whether a handshake should wait for the bus once more, after it has waited so many times. Otherwise it is
// admitted at once, and its user's channel is joined later. It depends on the state of the bus:
//
//	the bus answers  up to maxBusWaits times
//	Starting         the same: the node knows no epoch yet, and could not resume any client
//	Held             once: the bus may answer soon
//	Local            not at all
func (r *relay) worthWaiting(waits int) bool {
	if waits == maxBusWaits || r.answers.Load() {
		return waits < maxBusWaits
	}
	s := cluster.State(r.state.Load())
	return s == cluster.Starting || s == cluster.Held && waits == 0
}

// arrive joins the channel of a user that connects, if this node is not in it, and reports whether the handshake has to wait for the
// bus's answer; wake is posted after the answer. The handshake of a client that resumes also waits for messages that this node has
// not got yet.
func (r *relay) arrive(user uuid.UUID, had lastNumbers, wake netpoll.Post) (waits bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.waitForBroadcast(user, had, wake) {
		return true
	}
	c := cluster.DirectOf(user)
	if is := r.pending[c]; is != nil {
		is.waiters = append(is.waiters, wake)
		return true
	}
	var ask cluster.Arrival
	need := false
	r.hub.Prepare(user, r.elapsed(), func(u *presence.User, s *history.Store) {
		p := channelPlace{&u.Directs, s, &u.In, u, nil}
		asked := had.asked && (!had.read.direct || !isIn(r, p, c)) // not in it after the first read: that join has failed
		ask, need = r.lacking(p, c, missed{asked, had.direct, user})
		if need && asked {
			had.read.direct = true
		}
	})
	if need {
		is := r.begin(ask)
		is.waiters = append(is.waiters, wake)
	}
	return need
}

// want joins the topics of a client's subscribe message, and reports whether the message has to wait for the bus's answers; wake is
// posted after the last of them. The bus is asked at most maxMissedReads times for messages that the user may have missed; reads
// counts these questions.
func (r *relay) want(user uuid.UUID, list []protocol.Subscription, reads *int, wake netpoll.Post) (waits bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var last *pending
	may, read := *reads < maxMissedReads, 0
	for i := range list {
		if is, asked := wantTopic(r, &list[i], missed{may, list[i].Seq, user}); is != nil {
			last, is.wanted = is, true
			read = max(read, asked)
		}
	}
	if last != nil {
		last.waiters = append(last.waiters, wake) // usually the last answer; if another one comes later, the message waits again
	}
	*reads += read
	return last != nil
}

// wantTopic joins a topic, unless the node has all messages of it that the subscriber needs. It returns the join under way, which another
// subscriber may have begun; nil: there is none. reads is 1 if the join asks for missed messages. The caller holds the lock.
func wantTopic(r *relay, p *protocol.Subscription, m missed) (is *pending, reads int) {
	c := cluster.TopicOf(p.Topic)
	if is = r.pending[c]; is != nil || !p.Valid {
		return is, 0
	}
	m.asked = m.asked && p.Resume && (p.Epoch == "" || p.Epoch == r.epochOf(c).String())
	var ask cluster.Arrival
	need := false
	r.topics.Prepare([]byte(p.Topic), r.elapsed(), func(t *topics.Topic, s *history.Store) {
		ask, need = r.lacking(channelPlace{&t.Channel, s, &t.In, nil, t}, c, m)
	})
	if !need {
		return nil, 0
	}
	if m.asked {
		reads = 1
	}
	return r.begin(ask), reads
}

// waitForBroadcast reports whether the handshake has to wait for the broadcast: the broadcast is being joined, or the client has
// had later messages of it than this node.
func (r *relay) waitForBroadcast(user uuid.UUID, had lastNumbers, wake netpoll.Post) (waits bool) {
	is := r.pending[cluster.Channel{}]
	if is == nil && had.asked && !had.read.broadcast {
		b := r.broadcast
		b.mu.Lock()
		seq, joined := b.channel.Seq(), b.in.Joined()
		b.mu.Unlock()
		if joined && had.broadcast > seq && r.reads.take(user, r.elapsed()) {
			had.read.broadcast = true
			is = r.begin(cluster.Arrival{After: seq, Again: true})
		}
	}
	if is != nil {
		is.waiters = append(is.waiters, wake)
	}
	return is != nil
}

// isIn reports whether this node has joined a channel since the bus was last connected.
func isIn(r *relay, p channelPlace, c cluster.Channel) bool {
	return p.in.Joined() && p.in.Epoch() == r.epochs.number(r.epochOf(c))
}

// missed asks for the messages after a number, the last one that a user's client claims to have had.
type missed struct {
	asked bool
	from  uint64
	user  uuid.UUID
}

// lacking returns the question to the bus that completes a channel here, and whether to ask it. It has to be asked if the node has not
// joined the channel, or if it lacks messages that a client may have missed and the user has reads left. The caller holds the lock of
// the relay.
func (r *relay) lacking(p channelPlace, c cluster.Channel, m missed) (a cluster.Arrival, need bool) {
	epoch := r.epochOf(c)
	joined := isIn(r, p, c)
	a = cluster.Arrival{Channel: c, After: p.Seq(), Again: joined}
	changed := epoch == 0 || r.epochs.of(*p.in) != epoch
	if changed {
		p.in.Enter(0)
		a.After = cluster.None
		switch {
		case !p.members():
			p.store.Reset(p.Channel, 0, false)
		case p.Seq() > 0:
			a.After = p.Seq() // the members get the higher numbers of the new epoch: see adopt
		}
	}
	lost := m.asked && (changed || m.from > p.Seq() || p.store.Since(p.Channel, m.from, r.elapsed()) != history.LostNothing)
	if lost = lost && r.reads.take(m.user, r.elapsed()); lost {
		a.After = min(m.from, a.After)
	}
	return a, lost || !joined
}

// begin asks for a channel. The caller holds the lock.
func (r *relay) begin(a cluster.Arrival) *pending {
	is := r.pending[a.Channel]
	if is == nil {
		is = new(pending)
		r.pending[a.Channel] = is
	}
	is.answers++
	r.toJoin.remove(a.Channel)
	r.failed.remove(a.Channel)
	r.bus.Join(a)
	return is
}

// rejoin joins a channel with members again. If the epoch is still the same, the members get the messages that they have
// missed. The caller holds the lock.
func (r *relay) rejoin(c cluster.Channel) {
	r.with(c, func(p channelPlace) {
		if !p.members() && r.pending[c] == nil {
			return
		}
		a, _ := r.lacking(p, c, missed{})
		if c.Kind == cluster.Broadcast && p.in.Epoch() == 0 {
			a.After = 0 // all kept messages, for the clients that resume here
		}
		r.begin(a)
	})
}

// askForChannels joins up to a number of the channels in a queue, while the bus is connected and fewer than maxRejoins joins are under way.
// It does not wait until the bus is proven, because held messages wait for these joins. The caller holds the lock.
func askForChannels(r *relay, q *channelQueue, most int) {
	if !r.answers.Load() {
		return
	}
	for most = min(most, maxRejoins-len(r.pending)); most > 0; most-- {
		c, ok := q.next()
		if !ok {
			return
		}
		r.rejoin(c)
	}
}

// leave leaves a channel when its last member here goes. last removes the member, and reports whether none may be left. The relay's
// lock is held for both, so no user can arrive between the removal and the leave.
func (r *relay) leave(c cluster.Channel, last func() bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if last() && r.pending[c] == nil {
		r.leaveIfEmpty(c)
	}
}

// review corrects the node's part in a channel after a handshake or a subscription has been decided. If the channel has no members here,
// because the client was refused, the node leaves it. If it has members and the node is not in it, because the bus could not be reached,
// the node joins it.
func (r *relay) review(c cluster.Channel) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if is := r.pending[c]; is != nil {
		is.wanted = false
		return
	}
	r.leaveIfEmpty(c)
	r.with(c, func(p channelPlace) {
		if a, need := r.lacking(p, c, missed{}); need && p.members() {
			r.begin(a)
		}
	})
}

// leaveIfEmpty leaves a channel, and asks for it no more, if it has no members here. The caller holds the lock.
func (r *relay) leaveIfEmpty(c cluster.Channel) {
	empty := true // also if the channel is gone
	r.with(c, func(p channelPlace) {
		if empty = !p.members(); empty && p.in.Joined() {
			p.in.Leave()
			r.bus.Leave(c)
		}
	})
	if empty {
		r.toJoin.remove(c)
		r.failed.remove(c)
	}
}

// Joined takes the answers of the bus (see cluster.Node).
func (r *relay) Joined(list []cluster.Joined) {
	joined := 0
	for i := range list {
		if r.joined(&list[i]); list[i].Err == nil {
			joined++
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	askForChannels(r, &r.toJoin, joined) // start others in place of those that are answered
}

func (r *relay) joined(j *cluster.Joined) {
	r.mu.Lock()
	is := r.pending[j.Channel]
	if is != nil {
		is.answers--
	}
	another := is == nil || is.answers > 0 // the channel was asked for again, so another answer follows
	epoch := r.epochs.number(j.Epoch)
	r.mu.Unlock()
	if another {
		return
	}
	if j.Err == nil {
		r.adopt(j, epoch)
	} else {
		r.fail(j.Channel)
	}
	r.complete(j.Channel, is)
}

// fail records that a channel could not be joined.
func (r *relay) fail(c cluster.Channel) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.with(c, func(p channelPlace) {
		if p.in.Leave(); p.members() {
			r.failed.add(c)
		}
	})
}

// complete ends a join: it delivers the messages that were held, and wakes the waiters. If some messages were dropped instead of held, it
// asks the bus for them first.
func (r *relay) complete(c cluster.Channel, is *pending) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(is.held) > 0 {
		held := is.held
		r.heldBytes -= is.bytes
		is.held, is.bytes = nil, 0
		r.mu.Unlock()
		for i := range held {
			is.dropped = r.apply(&held[i]) || is.dropped
		}
		r.mu.Lock()
	}
	if is.answers > 0 {
		return // it was asked for again meanwhile
	}
	if is.dropped {
		is.dropped = false
		r.with(c, func(p channelPlace) { r.begin(cluster.Arrival{Channel: c, After: p.Seq(), Again: true}) })
		return
	}
	delete(r.pending, c)
	if len(is.waiters) == 0 && !is.wanted {
		r.leaveIfEmpty(c)
	}
	if !r.with(c, func(channelPlace) {}) { // it was forgotten meanwhile
		r.bus.Leave(c)
	}
	for _, wake := range is.waiters {
		r.group.Post(wake, nil)
	}
}
