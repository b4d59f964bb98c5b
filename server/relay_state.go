package server

import (
	"github.com/google/uuid"

	"momentum/server/cluster"
)

// Changed notes the state of the bus, and joins all channels again if the bus was connected again (see cluster.Node).
func (r *relay) Changed(s cluster.State, epochs []cluster.Epoch) {
	r.state.Store(uint32(s))
	r.answers.Store(epochs != nil || r.fault() == nil)
	if epochs != nil {
		r.reconnected(epochs)
	}
}

// reconnected has the node join all its channels again: the broadcast at once, since handshakes wait for it from now on, and the others in
// rounds (see askForChannels).
func (r *relay) reconnected(epochs []cluster.Epoch) {
	r.mu.Lock()
	renumbered := r.epochs.of(r.broadcast.in) != epochs[r.bus.Partition(cluster.Channel{})]
	if first := r.epochs.round(epochs); renumbered {
		r.renumbered = first
	}
	r.rejoin(cluster.Channel{})
	r.mu.Unlock()
	r.hub.Each(func(user uuid.UUID) bool { return joinLater(r, cluster.DirectOf(user)) })
	r.topics.Each(func(name string) bool { return joinLater(r, cluster.TopicOf(name)) })
	r.tick()
}

// joinLater notes that the node has to join a channel again, and asks for the first ones at once: to note a million takes a second. It returns
// true.
func joinLater(r *relay, c cluster.Channel) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.toJoin.add(c)
	askForChannels(r, &r.toJoin, 1)
	return true
}

// tick asks again for the channels that the bus could not join, and for the others that the node has to join: these get half of the places, since
// the bus may refuse the former again and again. It also has lost notices kept again. The ticker calls it.
func (r *relay) tick() {
	if r.fault() == nil {
		r.notices.keepLost()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reads.forget(r.elapsed())
	again := maxRejoins
	if r.toJoin.len() > 0 {
		again /= 2
	}
	askForChannels(r, &r.failed, again)
	askForChannels(r, &r.toJoin, maxRejoins)
}

// ClusterFault returns ErrDegraded if the node is in a cluster and cannot reach the other nodes.
func (n *node) ClusterFault() error {
	if n.relay == nil {
		return nil
	}
	return n.relay.fault()
}
