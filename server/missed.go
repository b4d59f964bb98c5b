package server

import (
	"momentum/protocol"
	"momentum/server/fanout"
	"momentum/server/history"
	"momentum/server/presence"
	"momentum/server/topics"
)

// missedTopic is a new subscription of the message that is being executed, with the messages that its client has missed.
type missedTopic struct {
	id       fanout.Topic
	frames   []byte
	messages int
	room     *presence.Room // of the topic, or nil
	asks     bool           // for its presence
}

// positionOf returns the position from which a subscription resumes, in the form of a handshake's. Its number is in broadcast. The caller
// holds the topic's lock.
func (u *subscriptions) positionOf(p *protocol.Subscription, t *topics.Topic) position {
	now, epoch := u.topicEpoch(t), p.Epoch
	if epoch == "" {
		epoch = now
	}
	position := positionOf(protocol.Resume{Asked: p.Resume, Epoch: []byte(epoch), Broadcast: p.Seq})
	position.compare([]byte(now))
	return position
}

// collect appends the messages of a topic after the position, up to the last one that this reactor's fan-out has, and returns how many
// there are. If they do not fit in the limit on the session's queue, it appends none, and the position is not resumed.
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
