package server

import (
	"momentum/netpoll"
	"momentum/server/fanout"
	"momentum/server/presence"
	"momentum/server/topics"
)

// rooms is one reactor's part in the presence of topics (see presence.Room). Presence messages have a log of their own in the
// fan-out, apart from the topic's, so subscribers that have not asked for presence cost nothing. The first subscription that asks
// opens the topic's room. Each reactor with subscribers then enrolls them in the room, step by step (roll); later subscriptions
// join the room when they begin.
type rooms struct {
	*base
	rolls []*roll // the first one is under way
}

// roll enrolls the subscribers of a topic on one reactor, from the last one to the first: a subscriber that leaves moves others only
// towards the beginning.
type roll struct {
	topic *topics.Topic
	room  *presence.Room
	begun bool
	next  int // index of the next subscriber, plus one
}

func personOf(n *node, s *session) presence.Person {
	return presence.Person{ID: s.user.ID, Name: nameOf(n, s)}
}

// ask records that a subscription on this reactor asks for the topic's presence. It returns false if there is no room
// for it.
func (r *rooms) ask(t *topics.Topic) bool {
	return r.node.topics.Ask(t, r.reactor.Index(), r.node.announceIn(t.Name), func(room *presence.Room) {
		for reactor := range r.node.group.Reactors() {
			if t.On(reactor) {
				room.Begin()
				r.node.group.PostTo(reactor, netpoll.Post{Op: opRoll, Ref: &roll{topic: t, room: room}}, nil)
			}
		}
	})
}

// enter adds a session that has subscribed to a topic to the topic's room, if there is one. If the session has asked for
// presence, it also gets the room's messages.
func (r *rooms) enter(s *session, t *topics.Topic, room *presence.Room, asks bool) {
	if asks {
		here := &t.Here[r.reactor.Index()]
		if here.Room == 0 {
			here.Room = int32(r.fanout.AddRoom())
		}
		r.fanout.Subscribe(s, fanout.Topic(here.Room))
	}
	if room != nil {
		room.Join(personOf(r.node, s), s.handle())
	}
}

// stop ends the request of a session for a topic's presence, if there is one.
func (r *rooms) stop(s *session, t *topics.Topic) {
	here := &t.Here[r.reactor.Index()]
	if here.Room == 0 || !r.fanout.Unsubscribe(s, fanout.Topic(here.Room)) {
		return
	}
	if r.fanout.Subscribers(fanout.Topic(here.Room)) == 0 {
		r.fanout.RemoveTopic(fanout.Topic(here.Room))
		here.Room = 0
	}
	r.node.topics.StopAsking(t, r.reactor.Index())
}

// leave removes a session whose subscription has ended from a room.
func (r *rooms) leave(s *session, room *presence.Room) {
	room.Leave(personOf(r.node, s), s.handle(), r.node.elapsed(r.now()))
}

// post adds a message of a room to the fan-out.
func (r *rooms) post(t *topics.Topic, m frameMeta, body []byte) {
	if id := t.Here[r.reactor.Index()].Room; id != 0 {
		r.fanout.AddTo(fanout.Topic(id), body[:m.cut], body[m.cut:], m.but, uint32(m.at))
	}
}

// begin begins a roll after those that are under way.
func (r *rooms) begin(l *roll) { r.rolls = append(r.rolls, l) }

// advance continues the rolls for one turn's share, and reports whether there is more to do.
func (r *rooms) advance() (more bool) {
	for budget := rollBudget; len(r.rolls) > 0 && budget > 0; {
		if budget = r.enroll(r.rolls[0], budget); budget > 0 {
			r.rolls[0].room.End()
			r.rolls[0] = nil
			r.rolls = r.rolls[1:]
		}
	}
	if len(r.rolls) == 0 {
		r.rolls = nil
	}
	return len(r.rolls) > 0
}

// enroll enrolls the next subscribers, and returns the rest of the budget: 0 if there may be more of them.
func (r *rooms) enroll(l *roll, budget int) int {
	id := fanout.Topic(l.topic.Here[r.reactor.Index()].ID)
	if budget--; id == 0 || l.room.Closed() {
		return max(budget, 1)
	}
	members := r.fanout.Subscribers(id)
	if !l.begun || l.next > members {
		l.begun, l.next = true, members
	}
	for ; l.next > 0; l.next-- {
		if budget--; budget < 0 {
			return 0
		}
		s := r.fanout.SubscriberAt(id, l.next-1)
		l.room.Enroll(personOf(r.node, s), s.handle())
	}
	return max(budget, 1)
}
