package server

import (
	"sync"

	"momentum/netpoll"
	"momentum/server/admit"
	"momentum/server/fanout"
	"momentum/server/heavy"
	"momentum/server/history"
	"momentum/server/topics"
)

// connectionStep is a question to one reactor for at most limit connections, selected in one of four ways:
//
//	heaviest  from the reactor's lists of the heaviest connections, within one turn
//	handles   with these handles, some in each turn
//	topic     the subscribers of a topic, some in each turn
//	address   by a walk over the sessions, because there is no index of addresses; one question visits at most walkedAtOnce of them
type connectionStep struct {
	waiting *sync.WaitGroup
	window  int // slots before the present one
	limit   int

	heaviest bool
	by       heavy.Measure
	handles  []netpoll.Handle
	topic    string
	address  admit.Network
	from     uint64 // of a topic: the number of subscribers still to be visited; of an address: the first slot

	rows []ConnectionRow
	next uint64 // likewise
	over bool   // the reactor has no more
}

// on collects the connections of a reactor.
func (q *connectionStep) on(b *base, w *walks) {
	b.heavy.Begin(slotAt(b.reactor.Tick()))
	switch {
	case q.heaviest:
		for _, h := range b.heavy.Heaviest(q.by, q.window, q.limit) {
			q.rows = append(q.rows, b.rowOf(&h))
		}
	case q.topic != "":
		if !q.onTopic(b) {
			q.again(b)
			return
		}
	case q.address != 0:
		q.walk(b, w)
		return // it is done later
	default:
		if !q.onHandles(b) {
			q.again(b)
			return
		}
	}
	q.waiting.Done()
}

// again posts the step to its reactor, which continues with it in the next turn.
func (q *connectionStep) again(b *base) {
	b.node.group.PostTo(b.reactor.Index(), netpoll.Post{Op: opConnections, Ref: q}, nil)
}

// add adds the row of a session, and returns its cost in looks. s is nil if the connection has ended.
func (q *connectionStep) add(b *base, s *session) (cost int) {
	if s == nil {
		return 1
	}
	row := b.heavy.Row(s, q.window)
	q.rows = append(q.rows, b.rowOf(&row))
	return looksPerRow + q.rows[len(q.rows)-1].Topics
}

// onHandles adds the rows of the next handles, and reports whether these were the last.
func (q *connectionStep) onHandles(b *base) (done bool) {
	for budget := walkBudget; len(q.handles) > 0 && budget > 0; q.handles = q.handles[1:] {
		budget -= q.add(b, b.live(q.handles[0]))
	}
	return len(q.handles) == 0
}

// onTopic visits the subscribers from the last to the first. When a subscriber leaves, others move only towards the beginning of the list, so
// none that stays is missed; some may be found twice. It reports whether the page is full or all subscribers were visited.
func (q *connectionStep) onTopic(b *base) (done bool) {
	var id fanout.Topic
	b.node.topics.With([]byte(q.topic), func(t *topics.Topic, _ *history.Store) { id = fanout.Topic(t.Here[b.reactor.Index()].ID) })
	n := 0
	if id != 0 {
		n = b.fanout.Subscribers(id)
	}
	left := min(int(min(q.from, allSubscribers)), n)
	for budget := walkBudget; left > 0 && len(q.rows) < q.limit && budget > 0; left-- {
		budget -= q.add(b, b.fanout.SubscriberAt(id, left-1))
	}
	q.from, q.next, q.over = uint64(left), uint64(left), left == 0
	return q.over || len(q.rows) >= q.limit
}

// walk looks at sessions until the page is full, or at as many as one question may.
func (q *connectionStep) walk(b *base, w *walks) {
	q.over = true
	end := func(slot uint32) bool {
		if len(q.rows) < q.limit && uint64(slot)-q.from < walkedAtOnce {
			return false
		}
		q.next, q.over = uint64(slot), false
		return true
	}
	w.startFrom(uint32(q.from), end, func(s *session) (cost int) {
		if s.conn == nil || s.state != stateLive || s.origin.client != q.address {
			return 0
		}
		return q.add(b, s)
	}, q.waiting.Done)
}
