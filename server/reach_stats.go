package server

import (
	"context"

	"momentum/server/cluster"
)

// ClusterStats is the body of GET /ws/stats: the figures of this node. In a cluster, TotalConnections and UniqueUsers are those of all
// nodes together.
type ClusterStats struct {
	Stats
	Nodes   []NodeStats   `json:"nodes,omitempty"` // this one first
	Cluster *ClusterState `json:"cluster,omitempty"`
	Partial
}

// NodeStats are the figures of one node.
type NodeStats struct {
	cluster.Peer
	Answered bool `json:"answered"` // its figures are of now; otherwise they are a few seconds old
}

// ClusterState is how this node takes part in the cluster.
type ClusterState struct {
	*ClusterFigures
	Epoch string `json:"epoch"` // of the broadcast
	Node  string `json:"node"`  // name of this node
}

// Stats returns the figures of this node and, unless it is alone, those of the cluster.
func (r Reach) Stats(ctx context.Context) (ClusterStats, error) {
	s := ClusterStats{Stats: r.server.Stats()}
	if r.server.relay != nil {
		s.Cluster = r.server.clusterState()
	}
	if r.alone {
		return s, nil
	}
	known := r.server.relay.bus.Nodes()
	answers, missed, err := everywhere[cluster.Peer](ctx, r, "describe", nil)
	s.Partial = missed
	s.TotalConnections, s.UniqueUsers = 0, 0
	for _, p := range known {
		n := NodeStats{Peer: p}
		for _, a := range answers {
			if a.ID == p.ID {
				n = NodeStats{a, true}
			}
		}
		s.TotalConnections += n.Connections
		s.UniqueUsers += n.Users
		s.Nodes = append(s.Nodes, n)
	}
	s.UniqueUsers -= r.doubles()
	return s, err
}

// doubles returns by how much the sum of the users of all nodes is too high, because some users are on several nodes.
func (r Reach) doubles() (n int) {
	if !r.alone {
		_, n = r.server.relay.bus.Online()
	}
	return n
}

func (n *node) clusterState() *ClusterState {
	return &ClusterState{
		ClusterFigures: n.clusterFigures(),
		Epoch:          n.relay.epochOf(cluster.Channel{}).String(),
		Node:           n.options.Self.Name,
	}
}

// Cleanup is Server.Cleanup for all nodes.
func (r Reach) Cleanup(ctx context.Context) (all CleanupCount, missed Partial, err error) {
	found, missed, err := everywhere[CleanupCount](ctx, r, "cleanup", nil)
	for _, c := range found {
		all.Cleaned += c.Cleaned
		all.Remaining += c.Remaining
	}
	return all, missed, err
}
