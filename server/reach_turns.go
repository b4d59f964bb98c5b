package server

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"momentum/server/cluster"
)

// Cursor is a place in a list of the cluster: a node, and a place there. The zero value is the beginning of the list.
type Cursor[P any] struct {
	Node  string // its id; "": the node is alone
	Place P
}

// Rows is a page of a list that has the rows of one node after those of another, by the ids of the nodes.
type Rows[R, P any] struct {
	Partial
	Rows []R
	Next Cursor[P] // where the next page begins
	More bool      // there may be one
}

// inTurn asks one node after the other for rows from a place on, until there are as many as the limit or a node has more.
func inTurn[R, P any](ctx context.Context, r Reach, kind string, from Cursor[P], limit int, question func(from P, limit int) any) (p Rows[R, P], err error) {
	p.Next = from
	for _, node := range r.nodesFrom(from.Node) {
		if id := string(node.ID); id != p.Next.Node {
			p.Next = Cursor[P]{Node: id}
		}
		if p.More = len(p.Rows) == limit; p.More {
			return p, nil
		}
		left := limit - len(p.Rows)
		if !r.isHere(node) {
			left = min(left, maxRows)
		}
		a, err := askOne[someRows[R, P]](ctx, r, node, kind, question(p.Next.Place, left), &p.Partial)
		if err != nil {
			return p, err
		}
		p.Rows, p.Next.Place = append(p.Rows, a.Found...), a.Next
		if p.More = a.More; p.More {
			return p, nil
		}
	}
	return p, nil
}

// nodesFrom returns the nodes that a call concerns from an id on, in the order of the ids. A node that is alone has no id.
func (r Reach) nodesFrom(id string) []cluster.Peer {
	if r.alone {
		return []cluster.Peer{{}}
	}
	nodes := slices.Clone(r.server.relay.bus.Nodes())
	slices.SortFunc(nodes, func(a, b cluster.Peer) int { return cmp.Compare(a.ID, b.ID) })
	first := slices.IndexFunc(nodes, func(p cluster.Peer) bool { return string(p.ID) >= id })
	if first < 0 {
		return nil
	}
	return nodes[first:]
}

// isHere reports whether a node is this one.
func (r Reach) isHere(node cluster.Peer) bool {
	return r.alone || node.ID == r.server.relay.bus.Nodes()[0].ID
}

// askOne asks one node a question. If the node does not answer, the answer is the zero value, and missed names the node.
func askOne[A any](ctx context.Context, r Reach, node cluster.Peer, kind string, question any, missed *Partial) (a A, err error) {
	if r.isHere(node) {
		own, err := r.here(ctx, kind, question)
		if err != nil {
			return a, err
		}
		return own.(A), nil
	}
	found, missing := r.server.peers.ask(ctx, []cluster.Peer{node}, kind, question)
	missed.miss(missing)
	if len(found) > 0 {
		err = json.Unmarshal(found[0], &a)
	}
	return a, err
}
