package server

import (
	"encoding/json"
	"math/rand/v2"

	"momentum/server/cluster"
	"momentum/server/presence"
)

// joinCluster connects a node with its bus, if it has one. The node answers questions of others from then on, and its own in any case.
func joinCluster(n *node, d duties) error {
	n.peers = newPeers()
	answerPages(n.peers, d)
	answerConnections(n.peers, finder{n})
	answerFigures(n.peers, d)
	answerRevocations(n.peers, d)
	answerLifts(n.peers, d)
	if n.options.Connect == nil {
		return nil
	}
	sharePresence(n)
	n.relay = newRelay(n)
	n.peers.news[keptNotices] = n.relay.notices.news
	return n.relay.connect(n.options.Connect)
}

// sharePresence has the announcer of a node announce what happens in the cluster.
func sharePresence(n *node) {
	online := func() int { users, _ := n.relay.bus.Online(); return users }
	n.gossip = &gossip{online: online, send: func(news note) bool { return n.peers.send("", news) }}
	n.peers.news["presence"] = func(body json.RawMessage) {
		var c presence.Changes
		if json.Unmarshal(body, &c) == nil {
			n.announcer.Changed(&c)
		}
	}
	n.announcer.Join(online, rand.New(rand.NewPCG(n.options.Seed, 1)).Float64(), func(p presence.Person, here, again bool) {
		n.relay.bus.Move(cluster.Move{User: p.ID, Name: p.Name, Here: here, Again: again})
	})
}
