package server

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/google/uuid"

	"momentum/netpoll"
	"momentum/protocol"
	"momentum/server/history"
	"momentum/server/presence"
	"momentum/server/topics"
)

// ErrBadTopic means that a name cannot be a topic's.
var ErrBadTopic = errors.New("topic must have 1 to 128 characters of A-Z, a-z, 0-9 and _.:-")

// TopicRow is one row of GET /ws/topics.
type TopicRow = topics.Row

// CheckPublish returns ErrBadTopic or ErrNotAllowedType if a message cannot be published, whatever the node does.
func CheckPublish(topic, messageType string) error {
	if !protocol.ValidTopic(topic) {
		return ErrBadTopic
	}
	if !protocol.ParseMessageType([]byte(messageType)).Numbered() {
		return ErrNotAllowedType
	}
	return nil
}

// Publish queues a message from the administrator for the subscribers of a topic. It returns ErrBadTopic, or an error of
// Broadcast. A topic that nobody has subscribed to within the history's age keeps no message.
func (n *node) Publish(topic, messageType string, data json.RawMessage) (Receipt, error) {
	return n.PublishOnce("", topic, messageType, data)
}

// PublishOnce is Publish with an id, as BroadcastOnce is Broadcast with one.
func (n *node) PublishOnce(id, topic, messageType string, data json.RawMessage) (Receipt, error) {
	if !protocol.ValidTopic(topic) {
		return Receipt{}, ErrBadTopic
	}
	name := []byte(topic)
	return n.fromAdmin(subscribersBut(name, uuid.Nil), id, messageType, protocol.Outgoing{Data: data, Topic: name})
}

// Topics returns how many subscriptions there are, and up to limit of the topics that have subscribers, ordered by name, from
// the first one after the given name. A page shorter than limit is the last.
func (n *node) Topics(after string, limit int) (subscriptions int, rows []TopicRow) {
	return n.topics.Subscriptions(), n.topics.Page(after, limit)
}

// TopicCursor is a place in the list of a topic's subscribers. The zero value is its beginning.
type TopicCursor struct {
	Reactor int
	Index   int `json:"Seat"` // of the subscriber in the topic's list on that reactor
}

// Subscribers returns up to limit subscribers of a topic, in no order, and where the next page begins; more is false after the
// last one. A subscriber that comes or goes meanwhile may be missing, or be there twice. It costs what it returns.
func (n *node) Subscribers(ctx context.Context, topic string, from TopicCursor, limit int) (page []Subscriber, next TopicCursor, more bool, err error) {
	for from.Reactor < n.group.Reactors() && len(page) < limit {
		ask := &subscriberStep{topic: topic, from: from.Index, limit: limit - len(page)}
		ask.waiting.Add(1)
		n.group.PostTo(from.Reactor, netpoll.Post{Op: opSubscribers, Ref: ask}, nil)
		if err := await(ctx, &ask.waiting); err != nil {
			return nil, from, false, err
		}
		page = append(page, ask.found...)
		if from.Index += len(ask.found); len(ask.found) == ask.limit {
			break
		}
		from = TopicCursor{Reactor: from.Reactor + 1}
	}
	for i := range page {
		n.hub.With(page[i].UserID, func(u *presence.User, _ *history.Store) { page[i].Username = u.Name() })
	}
	return page, from, from.Reactor < n.group.Reactors(), nil
}
