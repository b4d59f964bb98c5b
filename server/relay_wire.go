package server

import (
	"math/rand/v2"
	"time"

	"momentum/server/auth"
	"momentum/server/cluster"
)

// newRelay makes the relay of a node. The caller gives it the bus.
func newRelay(n *node) *relay {
	r := &relay{
		now: n.options.Now, elapsed: func() time.Duration { return n.elapsed(n.options.Now()) },
		group: n.group, capacity: n.capacity(), hub: n.hub, topics: n.topics, broadcast: &n.broadcast,
		peers: n.peers, gossip: n.gossip, enroll: n.announcer.Enroll, describe: n.describe, log: n.options.Log,
		pending:  make(map[cluster.Channel]*pending),
		maxHeld:  maxHeldBytes,
		patience: outcomePatience,
		reads:    make(missedReads),
		notices:  newNotices(n),
		framer:   framer{compressing: &n.compressing},
	}
	r.epochs.begin()
	return r
}

// newNotices makes the notices of a node.
func newNotices(n *node) *notices {
	return &notices{
		peers: n.peers, now: n.options.Now, elapsed: func() time.Duration { return n.elapsed(n.options.Now()) }, log: n.options.Log,
		lift: func(all []auth.Revocation) { n.lift(all...) },
		revoke: func(all []auth.Revocation) error {
			_, err := n.revoke(all)
			return err
		},
		random: rand.New(rand.NewPCG(n.options.Seed, noticesStream)),
		known:  newKnownNotices(),
	}
}

// connect connects the relay with its bus. The bus may call the relay at once: those calls wait for the lock.
func (r *relay) connect(to func(cluster.Node) (cluster.Bus, error)) (err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.bus, err = to(r)
	r.peers.bus = r.bus
	return err
}

// describe returns the description of this node for the others.
func (n *node) describe() cluster.Info {
	o := &n.options
	return cluster.Info{
		Name: o.Self.Name, Address: o.Self.Address, Version: o.Self.Version, Started: n.started.Round(0).UTC(),
		Connections: n.sessionsNow(), Users: n.hub.Online(),
	}
}
