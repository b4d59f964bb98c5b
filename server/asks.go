package server

import (
	"slices"

	"momentum/netpoll"
	"momentum/protocol"
	"momentum/server/auth"
	"momentum/server/cluster"
	"momentum/server/history"
	"momentum/server/topics"
)

// ask is a client's subscribe or unsubscribe message. With kind UnknownType it stands for the topics that a token's
// claim lets the session join.
type ask struct {
	kind     protocol.MessageType
	id, data []byte
	waits    int      // how many times it has waited for the bus
	reads    int      // how many of these times the bus was asked for missed messages
	names    []string // topics that this node joins for it, in a cluster
}

// clone copies a message out of the read buffer, so that it can wait.
func (a ask) clone() ask {
	a.id, a.data = append([]byte(nil), a.id...), append([]byte(nil), a.data...)
	return a
}

// run answers a message about topics. If a message has to wait, the session's later messages about topics wait after
// it.
func (u *subscriptions) run(s *session, a ask) {
	to := s.handle()
	queue, waiting := u.waiting[to]
	switch {
	case len(queue) == asksKept:
		u.replies.complain("too_many", "wait for the answer before you subscribe to more topics", a.id)
	case waiting || u.mustWait(s, &a):
		u.waiting[to] = append(queue, a.clone())
	default:
		u.execute(s, a)
	}
}

// resume answers the waiting messages of a session, up to the first one that still has to wait.
func (u *subscriptions) resume(to netpoll.Handle) {
	queue := u.waiting[to]
	s := u.live(to)
	for s != nil && len(queue) > 0 && !u.mustWait(s, &queue[0]) {
		u.execute(s, queue[0])
		queue = queue[1:]
	}
	switch {
	case s == nil:
		u.abandon(queue)
		fallthrough
	case len(queue) == 0:
		delete(u.waiting, to)
	default:
		u.waiting[to] = queue
	}
	if s != nil {
		u.replies.flush(s)
	}
}

// mustWait reports whether a message has to wait: the client has had more of a topic than this reactor, or this node has not joined a
// topic yet. An opSubscribe is posted when the reason has ended.
func (u *subscriptions) mustWait(s *session, a *ask) bool {
	r := u.node.relay
	if a.kind == protocol.Unsubscribe || a.kind == protocol.UnknownType && r == nil {
		return false
	}
	list := u.wanted(s, a)
	wake := netpoll.Post{Op: opSubscribe, To: s.handle()}
	switch {
	case r != nil && r.worthWaiting(a.waits) && r.want(s.user.ID, list, &a.reads, wake):
		a.waits++
		a.name(list)
		return true
	case u.early(list):
		u.node.group.Post(wake, nil)
		return true
	}
	if r != nil {
		a.name(list)
	}
	return false
}

// name records the topics of the message.
func (a *ask) name(list []protocol.Subscription) {
	a.names = a.names[:0]
	for i := range list {
		a.names = append(a.names, list[i].Topic)
	}
}

// wanted returns the subscriptions that a message asks for, without those that the session may not have.
func (u *subscriptions) wanted(s *session, a *ask) []protocol.Subscription {
	if a.kind == protocol.Subscribe {
		list, ok := u.parser.Subscriptions(a.data, u.asked[:0])
		if u.asked = list; !ok {
			return nil
		}
		return slices.DeleteFunc(list, func(p protocol.Subscription) bool { return !p.Valid || !u.grants.maySubscribe(s, p.Topic) })
	}
	u.asked = u.asked[:0]
	for _, name := range u.grants.of(s).Join {
		name = auth.Expand(name, s.user.ID)
		u.asked = append(u.asked, protocol.Subscription{Topic: name, Valid: protocol.ValidTopic(name)})
	}
	return u.asked
}

// early reports whether the reactor's mailbox has news of a topic that the answer depends on: a message that the client has had
// already, or a new epoch.
func (u *subscriptions) early(list []protocol.Subscription) (early bool) {
	for i := range list {
		p := &list[i]
		if !p.Valid {
			continue
		}
		u.node.topics.With([]byte(p.Topic), func(t *topics.Topic, _ *history.Store) {
			here := &t.Here[u.reactor.Index()]
			position := u.positionOf(p, t)
			ahead := position.asked && position.resumed() && p.Seq > here.Applied && p.Seq <= t.Channel.Seq()
			early = early || here.ID != 0 && (ahead || u.renumbered(t))
		})
	}
	return early
}

// renumbered reports whether a new epoch of a topic is still in the reactor's mailbox. The caller holds the topic's
// lock.
func (u *subscriptions) renumbered(t *topics.Topic) bool {
	r := u.node.relay
	return r != nil && t.In.Joined() && r.epochs.of(t.In) != r.epochs.epoch(t.Here[u.reactor.Index()].Epoch)
}

// execute answers a message. In a cluster, the node then leaves the topics of the message that have no subscribers here, and joins
// those that have some but could not be joined before.
func (u *subscriptions) execute(s *session, a ask) {
	if a.kind == protocol.UnknownType {
		u.join(s)
		u.review(a.names)
		return
	}
	list, ok := u.parser.Subscriptions(a.data, u.asked[:0])
	u.asked = list
	switch {
	case ok && a.kind == protocol.Subscribe:
		u.subscribe(s, a.id, list)
	case ok:
		u.unsubscribe(s, a.id, list)
	case a.kind == protocol.Subscribe:
		u.replies.complain("bad_topics", `data must be {"topics":[…]} with 1 to 128 names, or objects with topic, seq and epoch`, a.id)
	default:
		u.replies.complain("bad_topics", `data must be {"topics":[…]} with 1 to 128 names`, a.id)
	}
	u.review(a.names)
}

// abandon gives up the messages of a session that has ended.
func (u *subscriptions) abandon(queue []ask) {
	for i := range queue {
		u.review(queue[i].names)
	}
}

// review makes the node join the topics that have subscribers here, and leave the others (see relay.review).
func (u *subscriptions) review(names []string) {
	for _, name := range names {
		u.node.relay.review(cluster.TopicOf(name))
	}
}
