package server

import "context"

// SubscriberCursor is a place in the list of a topic's subscribers in the cluster.
type SubscriberCursor = Cursor[TopicCursor]

// SubscriberPage is a page of the subscribers of a topic.
type SubscriberPage = Rows[Subscriber, TopicCursor]

// Subscribers returns up to limit subscribers of a topic: those of one node after the other, by the ids of the nodes.
func (r Reach) Subscribers(ctx context.Context, topic string, from SubscriberCursor, limit int) (SubscriberPage, error) {
	return inTurn[Subscriber](ctx, r, "subscribers", from, limit, func(from TopicCursor, limit int) any { return subscriberQuestion{topic, from, limit} })
}
