package server

import (
	"momentum/protocol"
	"momentum/server/fanout"
	"momentum/server/history"
	"momentum/server/presence"
	"momentum/server/topics"
)

// missedTopic is a subscription that the present message makes, with the messages that its client has missed, if any.
type missedTopic struct {
	id       fanout.Topic
	frames   []byte
	messages int
	room     *presence.Room // of the topic, or nil
	asks     bool           // for its presence
}

// positionOf returns the position of a subscription as that of a channel. The caller holds the topic's lock.
func (u *subscriptions) positionOf(p *protocol.Subscription, t *topics.Topic) position {
	now, epoch := u.topicEpoch(t), p.Epoch
	if epoch == "" {
		epoch = now
	}
	position := positionOf(protocol.Resume{Asked: p.Resume, Epoch: []byte(epoch), Broadcast: p.Seq})
	position.compare([]byte(now))
	return position
}

// collect appends the messages of a topic after the position and up to the number that is applied here, and returns how many
// there are.
func (u *subscriptions) collect(s *session, t *topics.Topic, store *history.Store, p *position, applied uint64) (messages int) {
	p.lose(store.Since(&t.Channel, p.broadcast, u.node.elapsed(u.now())))
	if !p.resumed() {
		return 0
	}
	start := len(u.frames)
	for m := range t.Channel.After(p.broadcast) {
		if m.Seq <= applied && m.From != s.user.ID {
			u.frames = append(u.frames, m.Frame...)
			messages++
		}
	}
	if u.fanout.Queued(s)+s.conn.Queued()+len(u.frames) > u.node.options.Outbound.Hard/2 {
		p.lose(history.LostToBound)
		u.frames = u.frames[:start]
		return 0
	}
	return messages
}
