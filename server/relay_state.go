package server

import (
	"errors"

	"github.com/google/uuid"

	"momentum/server/cluster"
)

// ErrDegraded means that the node does not hear the other nodes of its cluster.
var ErrDegraded = errors.New("the node cannot reach the other nodes of its cluster")

// Changed notes the state of the bus, and joins all channels again if the bus was connected again (see cluster.Node).
func (r *relay) Changed(s cluster.State, epochs []cluster.Epoch) {
	r.state.Store(uint32(s))
	r.answers.Store(epochs != nil || r.fault() == nil)
	if epochs != nil {
		r.reconnected(epochs)
	}
}

// reconnected has the node join all its channels again.
func (r *relay) reconnected(epochs []cluster.Epoch) {
	r.mu.Lock()
	r.renumbered = r.epochs.of(r.broadcast.in) != epochs[r.bus.Partition(cluster.Channel{})]
	r.epochs.round(epochs)
	r.rejoin(cluster.Channel{}) // handshakes wait for it from now on
	r.mu.Unlock()
	r.hub.Each(func(user uuid.UUID) bool {
		r.mu.Lock()
		r.rejoin(cluster.DirectOf(user))
		r.mu.Unlock()
		return true
	})
	r.topics.Each(func(name string) bool {
		r.mu.Lock()
		r.rejoin(cluster.TopicOf(name))
		r.mu.Unlock()
		return true
	})
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
			a.After = 0 // all kept messages, for the clients that resume here
		}
		r.begin(a)
	})
}

// tick asks again for the channels that a working bus could not join because it had too much to do. The ticker calls it.
func (r *relay) tick() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reads.forget(r.elapsed())
	if len(r.failed) == 0 || r.fault() != nil {
		return
	}
	left := mostRejoins
	for c := range r.failed {
		if left--; left < 0 {
			return
		}
		delete(r.failed, c)
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
