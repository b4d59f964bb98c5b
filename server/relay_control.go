package server

import (
	"momentum/server/cluster"
)

// ReceiveNote takes a text of another node (see cluster.Node).
func (r *relay) ReceiveNote(from cluster.NodeID, text []byte) {
	r.connected().peers.receive(from, text)
}

// Describe describes this node to the others (see cluster.Node).
func (r *relay) Describe() cluster.Info { return r.describe() }

// Noticed takes the notices that are kept in the cluster (see cluster.Node).
func (r *relay) Noticed(texts [][]byte) { r.notices.follow(r.notices.read(parseNotices(texts))) }

// Moved takes users that have come to the cluster or left it (see cluster.Node).
func (r *relay) Moved(list []cluster.Move) { r.connected().gossip.add(list) }

// Enroll reports all users of this node to the cluster again (see cluster.Node).
func (r *relay) Enroll() { r.connected().enroll() }

// connected returns the relay after connect has returned. The bus may call before that.
func (r *relay) connected() *relay {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r
}

// peer returns this node as one of the cluster.
func (n *node) peer() (p cluster.Peer) {
	p.Info = n.describe()
	if n.relay != nil {
		p.ID = n.relay.bus.Nodes()[0].ID
	}
	return p
}
