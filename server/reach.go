package server

import (
	"context"
	"encoding/json"

	"momentum/server/cluster"
)

// Reach makes calls of an administrator that concern all nodes of the cluster, or this one alone. A node that is in no cluster is
// alone.
type Reach struct {
	server *Server
	alone  bool
}

// Reach returns the calls for all nodes, or for this one alone.
func (s *Server) Reach(alone bool) Reach { return Reach{s, alone || s.relay == nil} }

// Partial says which nodes have no part in an answer.
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

// everywhere has all nodes answer a question, this one first.
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

// answerWith registers what this node answers to a kind of question.
func answerWith[Q, A any](p *peers, kind string, do func(ctx context.Context, q Q) (A, error)) {
	p.answers[kind] = func(ctx context.Context, body json.RawMessage) (any, error) {
		var q Q
		if err := json.Unmarshal(body, &q); err != nil {
			return nil, err
		}
		return do(ctx, q)
	}
}
