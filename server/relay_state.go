package server

import (
	"errors"

	"github.com/google/uuid"

	"momentum/server/cluster"
)

// ErrDegraded means that the node does not hear the other nodes of its cluster.
var ErrDegraded = errors.New("the node cannot reach the other nodes of its cluster")

// Changed follows a change of the bus (see cluster.Node).
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
	r.renumbered = r.epochs.of(r.broadcast.in) != epochs[r.bus.Partition(cluster.Channel{})]
	r.epochs.round(epochs)
	r.rejoin(cluster.Channel{})
	r.mu.Unlock()
	r.hub.Each(func(user uuid.UUID) bool { return r.mustJoin(cluster.DirectOf(user)) })
	r.topics.Each(func(name string) bool { return r.mustJoin(cluster.TopicOf(name)) })
	r.tick()
}

// mustJoin notes that the node has to join a channel again. It returns true.
func (r *relay) mustJoin(c cluster.Channel) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.toJoin.add(c)
	return true
}

// rejoin has the node join a channel with members again. If the epoch is the same, the members get the messages that they have
// missed. The caller holds the lock.
func (r *relay) rejoin(c cluster.Channel) {
	r.with(c, func(p channelPlace) {
		if !p.members() && r.pending[c] == nil {
			return
		}
		a, _ := r.lacking(p, c, missed{})
		if c.Kind == cluster.Broadcast && p.in.Epoch() == 0 {
			a.After = 0 // the node serves clients which resume
		}
		r.begin(a)
	})
}

// tick asks for channels that the node has to join. The ticker calls it.
func (r *relay) tick() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reads.forget(r.elapsed())
	r.askForChannels(mostRejoins)
}

// askForChannels asks for up to a number of the channels that the node has to join, because the bus was connected anew or could not join
// them, as long as the bus works and few enough are asked for. The caller holds the lock.
func (r *relay) askForChannels(most int) {
	if r.fault() != nil {
		return
	}
	for most = min(most, mostRejoins-len(r.pending)); most > 0; most-- {
		c, ok := r.toJoin.next()
		if !ok {
			return
		}
		r.rejoin(c)
	}
}

// ClusterFault returns ErrDegraded if the node is in a cluster and cannot reach the other nodes.
func (n *node) ClusterFault() error {
	if n.relay == nil {
		return nil
	}
	return n.relay.fault()
}

// fault returns ErrDegraded unless the bus works.
func (r *relay) fault() error {
	if s := cluster.State(r.state.Load()); s != cluster.Healthy && s != cluster.Slow {
		return ErrDegraded
	}
	return nil
}
