package server

import (
	"sync"

	"github.com/google/uuid"

	"momentum/server/fanout"
	"momentum/server/history"
	"momentum/server/topics"
)

// Subscriber is a connection that has subscribed to a topic.
type Subscriber struct {
	UserID   uuid.UUID `json:"user_id"`
	Username string    `json:"username"`
}

// subscriberStep is a question to one reactor for subscribers of a topic: at most limit, from an index in the topic's list on.
type subscriberStep struct {
	waiting     sync.WaitGroup
	topic       string
	from, limit int
	found       []Subscriber
}

// on collects the subscribers of a reactor.
func (q *subscriberStep) on(u *subscriptions) {
	defer q.waiting.Done()
	var id fanout.Topic
	u.node.topics.With([]byte(q.topic), func(t *topics.Topic, _ *history.Store) { id = fanout.Topic(t.Here[u.reactor.Index()].ID) })
	if id == 0 {
		return
	}
	for i := q.from; i < u.fanout.Subscribers(id) && len(q.found) < q.limit; i++ {
		q.found = append(q.found, Subscriber{UserID: u.fanout.SubscriberAt(id, i).User()})
	}
}
