package server

import (
	"context"
	"encoding/json"

	"momentum/server/cluster"
)

// Reach makes the calls of an administrator on all nodes of the cluster, or on this one alone. A node that is in no cluster is alone.
type Reach struct {
	server *Server
	alone  bool
}

// Reach returns the calls for all nodes, or for this one alone.
func (s *Server) Reach(alone bool) Reach { return Reach{s, alone || s.relay == nil} }

// Partial names the nodes that are missing from an answer.
type Partial struct {
	Partial bool     `json:"partial,omitempty"`
	Missing []string `json:"missing_nodes,omitempty"` // their names
}

func (p *Partial) miss(names []string) {
	p.Missing = append(p.Missing, names...)
	p.Partial = len(p.Missing) > 0
}

// others returns the other nodes that a call concerns.
func (r Reach) others() []cluster.Peer {
	if r.alone {
		return nil
	}
	return r.server.relay.bus.Nodes()[1:]
}

// everywhere asks all nodes a question at the same time. The answer of this node comes first. Nodes without an answer are in missed.
func everywhere[A any](ctx context.Context, r Reach, kind string, question any) (answers []A, missed Partial, err error) {
	others := make(chan struct{})
	var texts []json.RawMessage
	var missing []string
	go func() {
		defer close(others)
		if to := r.others(); len(to) > 0 {
			texts, missing = r.server.peers.ask(ctx, to, kind, question)
		}
	}()
	own, err := r.here(ctx, kind, question)
	<-others
	if err != nil {
		return nil, missed, err
	}
	missed.miss(missing)
	answers = append(answers, own.(A))
	for _, text := range texts {
		var a A
		if json.Unmarshal(text, &a) == nil {
			answers = append(answers, a)
		}
	}
	return answers, missed, nil
}

// here answers a question on this node.
func (r Reach) here(ctx context.Context, kind string, question any) (any, error) {
	body, err := json.Marshal(question)
	if err != nil {
		return nil, err
	}
	return r.server.peers.answers[kind](ctx, body)
}
