package server

import (
	"slices"

	"momentum/netpoll"
	"momentum/protocol"
	"momentum/server/auth"
	"momentum/server/cluster"
	"momentum/server/fanout"
	"momentum/server/history"
	"momentum/server/presence"
	"momentum/server/stats"
	"momentum/server/topics"
)

// subscriptions are the topics of a reactor's live sessions. The registry of the node has the topics; the fan-out has the
// members of each on this reactor, and the session's list.
type subscriptions struct {
	*base
	replies  *replies
	rooms    *rooms
	catchups *catchups
	here     []*topics.Topic // by their numbers in the fan-out
	grants   grants
	waiting  map[netpoll.Handle][]ask // messages of sessions that wait, in their order
	asked    []protocol.Subscription  // of the present message
	list     topicList                // the answer to it
	parser   protocol.EnvelopeParser
	missed   []missedTopic // the subscriptions that the present message adds
	frames   []byte        // of the missed messages of one topic
}

func newSubscriptions(b *base, r *replies, rooms *rooms, c *catchups) subscriptions {
	return subscriptions{base: b, replies: r, rooms: rooms, catchups: c, grants: grants{b}, waiting: make(map[netpoll.Handle][]ask)}
}

// subscribe answers a subscribe message. The missed messages of all its topics follow the answer.
func (u *subscriptions) subscribe(s *session, id []byte, list []protocol.Subscription) {
	u.begin()
	for i := range list {
		u.answer(s, &list[i])
	}
	u.finish(s, protocol.Subscribed, id)
}

// join subscribes a session to the topics that its token names for that.
func (u *subscriptions) join(s *session) {
	grants := u.grants.of(s)
	if len(grants.Join) == 0 {
		return
	}
	u.begin()
	for _, name := range grants.Join {
		name = auth.Expand(name, s.user.ID)
		if u.find(s, name) != 0 {
			continue
		}
		u.add(s, &protocol.Subscription{Topic: name, Valid: protocol.ValidTopic(name)})
	}
	if !u.list.empty() {
		u.finish(s, protocol.Subscribed, nil)
	}
}

// begin begins the answer to a message.
func (u *subscriptions) begin() {
	u.list.begin()
	u.missed, u.frames = u.missed[:0], u.frames[:0]
}

// finish sends the answer, then the missed messages, and only then adds the session to the topics: its live messages follow.
func (u *subscriptions) finish(s *session, t protocol.MessageType, id []byte) {
	u.replies.add(protocol.Outgoing{ID: id, Type: t, Data: u.list.end()})
	if len(u.missed) > 0 {
		u.replies.flush(s)
	}
	for _, m := range u.missed {
		if m.messages > 0 {
			var sent fanout.Count
			u.fanout.DeliverMissed(s, m.id, m.frames, m.messages, &sent)
			u.count.Deliveries.Add(sent.Messages)
			u.count.Replayed.Add(uint64(m.messages))
			u.reactor.Wake() // for the visit
			u.catchups.add(s)
		}
		u.fanout.Subscribe(s, m.id)
		u.rooms.enter(s, u.here[m.id], m.room, m.asks)
	}
	u.missed = u.missed[:0]
}

// answer subscribes a session to one topic of its message. To subscribe again moves the subscription to the position.
func (u *subscriptions) answer(s *session, p *protocol.Subscription) {
	switch {
	case !p.Valid:
		u.refuse(p.Topic, stats.BadTopic)
	case !u.grants.maySubscribe(s, p.Topic):
		u.refuse(p.Topic, stats.NotAllowed)
	default:
		u.remove(s, p.Topic)
		u.add(s, p)
	}
}

// add subscribes a session to a topic, within the limits.
func (u *subscriptions) add(s *session, p *protocol.Subscription) {
	switch {
	case !p.Valid:
		u.refuse(p.Topic, stats.BadTopic)
		return
	case u.fanout.TopicCount(s)+len(u.missed) >= u.rules.MaxTopics:
		u.refuse(p.Topic, stats.TooManyTopics)
		return
	}
	start := len(u.frames)
	m := missedTopic{asks: p.Presence}
	var at uint64
	var position position
	var epoch string
	t := u.node.topics.Subscribe([]byte(p.Topic), u.reactor.Index(), func(t *topics.Topic, store *history.Store) {
		here := &t.Here[u.reactor.Index()]
		if here.ID == 0 {
			here.Applied, here.Epoch = t.Channel.Seq(), t.In.Epoch() // messages that are still in the mailbox are older than the subscription
		}
		position, epoch = u.positionOf(p, t), u.topicEpoch(t)
		m.room = t.Room()
		if at = here.Applied; position.asked {
			m.messages = u.collect(s, t, store, &position, at)
		}
	})
	if t = u.askIn(t, m.asks); t == nil {
		u.frames = u.frames[:start]
		u.refuse(p.Topic, stats.NodeFull)
		return
	}
	m.frames, m.id = u.frames[start:len(u.frames):len(u.frames)], u.idOf(t)
	u.missed = append(u.missed, m)
	u.count.Requests[position.request()].Add(1)
	u.list.add(p.Topic, at, epoch, &position, m.messages)
}

// refuse answers that a session is not subscribed to a topic.
func (u *subscriptions) refuse(topic string, why stats.Request) {
	u.count.Requests[why].Add(1)
	u.list.refuse(topic, why.String())
}

// askIn asks for the presence of a topic, if that is wanted. It returns nil if there is no topic or no room, and gives the
// subscription back.
func (u *subscriptions) askIn(t *topics.Topic, asks bool) *topics.Topic {
	if t == nil || !asks || u.rooms.ask(t) {
		return t
	}
	u.giveBack(t)
	return nil
}

// idOf returns the number of a topic in the fan-out. The topic gets one with its first subscriber on this reactor.
func (u *subscriptions) idOf(t *topics.Topic) fanout.Topic {
	here := &t.Here[u.reactor.Index()]
	if here.ID == 0 {
		id := u.fanout.AddTopic()
		here.ID = int32(id)
		for len(u.here) <= int(id) {
			u.here = append(u.here, nil)
		}
		u.here[id] = t
	}
	return fanout.Topic(here.ID)
}

// find returns the number of a topic that a session is subscribed to, or to which the present message subscribes it; 0 if it is
// not.
func (u *subscriptions) find(s *session, topic string) (id fanout.Topic) {
	u.node.topics.With([]byte(topic), func(t *topics.Topic, _ *history.Store) {
		id = fanout.Topic(t.Here[u.reactor.Index()].ID)
	})
	if u.fanout.Subscribed(s, id) || u.added(id) >= 0 {
		return id
	}
	return 0
}

// unsubscribe answers an unsubscribe message.
func (u *subscriptions) unsubscribe(s *session, id []byte, list []protocol.Subscription) {
	u.begin()
	for i := range list {
		if !u.remove(s, list[i].Topic) {
			u.list.refuse(list[i].Topic, "not_subscribed")
			continue
		}
		u.list.name(list[i].Topic)
	}
	u.finish(s, protocol.Unsubscribed, id)
}

// remove ends a session's subscription, even if the present message has made it, and reports whether there was one.
func (u *subscriptions) remove(s *session, topic string) bool {
	id := u.find(s, topic)
	if id == 0 {
		return false
	}
	i := u.added(id)
	if i < 0 {
		u.end(s, id)
		return true
	}
	if u.missed[i].asks {
		u.node.topics.StopAsking(u.here[id], u.reactor.Index())
	}
	u.missed = slices.Delete(u.missed, i, i+1)
	u.release(id)
	return true
}

// end ends a session's subscription, and returns what that costs, in looks.
func (u *subscriptions) end(s *session, id fanout.Topic) (cost int) {
	u.fanout.Unsubscribe(s, id)
	u.rooms.stop(s, u.here[id])
	if room := u.release(id); room != nil {
		u.rooms.leave(s, room)
		return looksPerTopic + looksPerRoom
	}
	return looksPerTopic
}

// leave ends all subscriptions of a session, and returns what that costs, in looks.
func (u *subscriptions) leave(s *session) (cost int) {
	for id := range u.fanout.Topics(s) {
		cost += u.end(s, id)
	}
	return cost
}

// release gives a subscription back to the registry, and the topic's number if it was the last one on this reactor. It returns
// the topic's room, if it has one.
func (u *subscriptions) release(id fanout.Topic) *presence.Room {
	t := u.here[id]
	room := u.giveBack(t)
	if u.fanout.Subscribers(id) == 0 && u.added(id) < 0 {
		u.fanout.RemoveTopic(id)
		u.here[id] = nil
		t.Here[u.reactor.Index()] = topics.Here{}
	}
	return room
}

// giveBack gives a subscription back to the registry; with the last one, the node leaves the topic.
func (u *subscriptions) giveBack(t *topics.Topic) (room *presence.Room) {
	leave := func() bool {
		room = u.node.topics.Unsubscribe(t, u.reactor.Index(), u.node.elapsed(u.now()))
		return true
	}
	if u.node.relay == nil {
		leave()
	} else {
		u.node.relay.leave(cluster.TopicOf(t.Name), leave)
	}
	return room
}

// added returns the index of the topic among those that the present message adds, or -1.
func (u *subscriptions) added(id fanout.Topic) int {
	return slices.IndexFunc(u.missed, func(m missedTopic) bool { return m.id == id })
}

// follow ends the subscriptions that a session's new token no longer allows, and joins its topics.
func (u *subscriptions) follow(s *session) {
	u.begin()
	for id := range u.fanout.Topics(s) {
		if name := u.here[id].Name; !u.grants.maySubscribe(s, name) {
			u.end(s, id)
			u.list.refuse(name, "not_allowed")
		}
	}
	if !u.list.empty() {
		u.finish(s, protocol.Unsubscribed, nil)
	}
	u.run(s, ask{})
}

// post adds a message of a topic to the fan-out. One with a number up to the last that was applied was on its way when the
// topic got its first subscriber here: it is not for it.
func (u *subscriptions) post(t *topics.Topic, m frameMeta, body []byte) {
	here := &t.Here[u.reactor.Index()]
	switch {
	case here.ID == 0 || m.seq != 0 && m.seq <= here.Applied:
		return
	case m.seq != 0: // one without a number was not given to the cluster
		here.Applied = m.seq
	}
	u.fanout.AddTo(fanout.Topic(here.ID), body[:m.cut], body[m.cut:], m.but, uint32(m.at))
}
