package server

import (
	"context"
	"encoding/json"

	"momentum/server/cluster"
	"momentum/server/heavy"
)

// Heaviest returns the connections of all nodes with the highest amounts in a window of some seconds, the highest first.
func (r Reach) Heaviest(ctx context.Context, by heavy.Measure, seconds, limit int) (rows []ConnectionRow, missed Partial, err error) {
	q := heaviestQuestion{by, seconds, limit}
	if !r.alone {
		q.Limit = min(limit, mostConnections)
	}
	found, missed, err := everywhere[[]ConnectionRow](ctx, r, "heaviest", q)
	for _, some := range found {
		rows = append(rows, some...)
	}
	return sortHeaviest(rows, q), missed, err
}

// ConnectionCursor is a place in the list of the connections of the cluster: a node, and a place there. The zero value is its beginning.
type ConnectionCursor struct {
	Node string // its id; "": the node is alone
	ConnectionPlace
}

// ConnectionPage is a page of the connections that a filter selects.
type ConnectionPage struct {
	Partial
	Rows []ConnectionRow
	Next ConnectionCursor // where the next page begins
	More bool             // there may be one
}

// Connections returns connections that a filter selects: those of one node after the other, by the ids of the nodes. A page may have
// fewer rows than the limit, even none, though there are more.
func (r Reach) Connections(ctx context.Context, f ConnectionFilter, from ConnectionCursor, seconds, limit int) (p ConnectionPage, err error) {
	limit, p.Next = min(limit, mostConnections), from
	for _, node := range r.nodesFrom(from.Node) {
		if id := string(node.ID); id != p.Next.Node {
			p.Next = ConnectionCursor{Node: id}
		}
		if p.More = len(p.Rows) == limit; p.More {
			return p, nil
		}
		a, err := r.connectionsOf(ctx, node, connectionQuestion{f, p.Next.ConnectionPlace, seconds, limit - len(p.Rows)}, &p.Partial)
		if err != nil {
			return p, err
		}
		p.Rows, p.Next.ConnectionPlace = append(p.Rows, a.Rows...), a.Next
		if p.More = a.More; p.More {
			return p, nil
		}
	}
	return p, nil
}

// connectionsOf asks one node for connections.
func (r Reach) connectionsOf(ctx context.Context, node cluster.Peer, q connectionQuestion, missed *Partial) (a connectionAnswer, err error) {
	if r.alone || node.ID == r.server.relay.bus.Nodes()[0].ID {
		return finder{&r.server.node}.connections(ctx, q)
	}
	found, missing := r.server.peers.ask(ctx, []cluster.Peer{node}, "connections", q)
	missed.miss(missing)
	if len(found) > 0 {
		err = json.Unmarshal(found[0], &a)
	}
	return a, err
}

// Drop closes one connection, on the node that has it, with a reason for the close frame; an empty one stands for the default text. The
// error is ErrBadReason, or of the context.
func (r Reach) Drop(ctx context.Context, id, text string) (Closed, error) {
	return r.close(ctx, "drop", drop{id, text})
}
