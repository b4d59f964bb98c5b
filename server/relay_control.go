package server

import (
	"encoding/json"

	"momentum/server/auth"
	"momentum/server/cluster"
)

// Told takes a text of another node (see cluster.Node).
func (r *relay) Told(from cluster.NodeID, text []byte) {
	r.mu.Lock() // a bus may call before connect has returned
	p := r.peers
	r.mu.Unlock()
	p.told(from, text)
}

// Describe says what the other nodes may know about this one (see cluster.Node).
func (r *relay) Describe() cluster.Info { return r.describe() }

func (n *node) describe() cluster.Info {
	o := &n.options
	return cluster.Info{
		Name: o.Self.Name, Address: o.Self.Address, Version: o.Self.Version, Started: n.started.Round(0).UTC(),
		Connections: n.sessionsNow(), Users: n.hub.Online(),
	}
}

// Noticed takes the revocations that are kept in the cluster (see cluster.Node).
func (r *relay) Noticed(texts [][]byte) {
	all := make([]auth.Revocation, 0, len(texts))
	for _, text := range texts {
		var one auth.Revocation
		if json.Unmarshal(text, &one) == nil {
			all = append(all, one)
		}
	}
	if _, err := r.revoke(all); err != nil {
		r.log.Error("a revocation of the cluster is not in force on this node", "reason", err)
	}
}

// joinCluster connects a node with its bus, if it has one.
func joinCluster(s *Server) error {
	answerPeers(s)
	if s.options.Connect == nil {
		return nil
	}
	s.relay = newRelay(&s.node)
	return s.relay.connect(s.options.Connect)
}
