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

// Noticed takes the revocations that are kept in the cluster (see cluster.Node).
func (r *relay) Noticed(texts [][]byte) {
	all := make([]auth.Revocation, 0, len(texts))
	for _, text := range texts {
		var one auth.Revocation
		if json.Unmarshal(text, &one) == nil {
			all = append(all, one)
		}
	}
	if err := r.revoke(all); err != nil {
		r.log.Error("a revocation of the cluster is not in force on this node", "reason", err)
	}
}
