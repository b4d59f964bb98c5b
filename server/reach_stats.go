package server

import (
	"context"

	"momentum/server/cluster"
)

// ClusterStats is the body of GET /ws/stats: that of this node, in which the first two figures are the cluster's if it is in one.
type ClusterStats struct {
	Stats
	Nodes   []NodeStats   `json:"nodes,omitempty"` // this one first
	Cluster *ClusterState `json:"cluster,omitempty"`
	Partial
}

// NodeStats is what is known of a node.
type NodeStats struct {
	cluster.Peer
	Answered bool `json:"answered"` // its figures are of now; otherwise they are a few seconds old
}

// ClusterState is how this node takes part in the cluster.
type ClusterState struct {
	State string `json:"state"` // of the bus
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
	return s, err
}

func (n *node) clusterState() *ClusterState {
	return &ClusterState{
		State: cluster.State(n.relay.state.Load()).String(),
		Epoch: n.relay.epochOf(cluster.Channel{}).String(),
		Node:  n.options.Self.Name,
	}
}

// CleanupCount says what a clean-up has done.
type CleanupCount struct {
	Cleaned   int `json:"cleaned_connections"`
	Remaining int `json:"remaining_connections"`
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

// answerFigures registers the answers of this node to questions for figures.
func answerFigures(s *Server) {
	answerWith(s.peers, "describe", func(context.Context, struct{}) (p cluster.Peer, err error) {
		p.Info = s.describe()
		if s.relay != nil {
			p.ID = s.relay.bus.Nodes()[0].ID
		}
		return p, nil
	})
	answerWith(s.peers, "cleanup", func(ctx context.Context, _ struct{}) (c CleanupCount, err error) {
		c.Cleaned, c.Remaining, err = s.Cleanup(ctx)
		return c, err
	})
}
