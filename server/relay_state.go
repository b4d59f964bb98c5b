package server

import (
	"errors"
	"time"

	"github.com/google/uuid"

	"momentum/server/cluster"
)

// ErrDegraded means that the node does not hear the other nodes of its cluster.
var ErrDegraded = errors.New("the node cannot reach the other nodes of its cluster")

// newRelay makes the relay of a node. The caller gives it the bus.
func newRelay(n *node) *relay {
	r := &relay{
		elapsed: func() time.Duration { return n.elapsed(n.options.Now()) },
		group:   n.group, capacity: n.capacity(), hub: n.hub, topics: n.topics, broadcast: &n.broadcast,
		peers: n.peers, gossip: n.gossip, enroll: n.announcer.Enroll, describe: n.describe, revoke: n.revoke, log: n.options.Log,
		pending: make(map[cluster.Channel]*pending),
		framer:  framer{compressing: &n.compressing},
	}
	r.epochs.begin()
	return r
}

// connect connects the relay with its bus, which may call at once.
func (r *relay) connect(to func(cluster.Node) (cluster.Bus, error)) (err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.bus, err = to(r)
	r.peers.bus = r.bus
	return err
}

// Changed follows a change of the bus (see cluster.Node).
func (r *relay) Changed(s cluster.State, epochs []cluster.Epoch) {
	r.state.Store(uint32(s))
	if epochs == nil {
		return
	}
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
}

// rejoin has the node join a channel with members again. If the epoch is the same, the members get the messages that they have
// missed. The caller holds the lock.
func (r *relay) rejoin(c cluster.Channel) {
	r.with(c, func(p channelPlace) {
		if !p.members() && r.pending[c] == nil {
			return
		}
		a, _ := r.lacking(p, c, false, 0)
		if c.Kind == cluster.Broadcast && a.After == cluster.None {
			a.After = 0 // a node that starts serves clients which resume
		}
		r.begin(a)
	})
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
