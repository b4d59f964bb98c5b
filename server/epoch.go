package server

import (
	"momentum/server/history"
	"momentum/server/topics"
)

// The epoch of a client's position covers the broadcast and the client's direct messages. On one node it is the node's. In a cluster
// it is that of the broadcast and then that of the user's channel, because these may have been numbered by different servers.

// broadcastEpoch returns the part of it that covers the broadcast.
func (b *base) broadcastEpoch() []byte {
	if b.node.relay == nil {
		return []byte(b.node.epoch)
	}
	return []byte(b.node.relay.epochs.epoch(b.epoch).String())
}

// appendEpoch appends the epoch of a user, whose channel is in the given one; nothing if a part of it is not known.
func (b *base) appendEpoch(dst []byte, in history.Membership) []byte {
	r := b.node.relay
	switch {
	case r == nil:
		return append(dst, b.node.epoch...)
	case b.epoch == 0 || in.Epoch() == 0:
		return dst
	}
	return append(append(dst, b.broadcastEpoch()...), r.epochs.epoch(in.Epoch()).String()...)
}

// sameEpoch reports whether the broadcast is still in the epoch of the messages that this reactor has. The caller holds its lock.
func (b *base) sameEpoch() bool {
	r := b.node.relay
	return r == nil || r.epochs.of(b.node.broadcast.in) == r.epochs.epoch(b.epoch)
}

// topicEpoch returns the epoch of a topic; empty if it is not known. The caller holds the topic's lock.
func (b *base) topicEpoch(t *topics.Topic) string {
	r := b.node.relay
	if r == nil {
		return b.node.epoch
	}
	if e := r.epochs.of(t.In); e != 0 {
		return e.String()
	}
	return ""
}
