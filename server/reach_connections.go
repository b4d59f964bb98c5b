package server

import (
	"context"

	"momentum/server/heavy"
)

// Heaviest returns the connections of all nodes with the highest amounts in a window of some seconds, the highest first.
func (r Reach) Heaviest(ctx context.Context, by heavy.Measure, seconds, limit int) (rows []ConnectionRow, missed Partial, err error) {
	q := heaviestQuestion{by, seconds, limit}
	if !r.alone {
		q.Limit = min(limit, maxConnections)
	}
	found, missed, err := everywhere[[]ConnectionRow](ctx, r, "heaviest", q)
	for _, some := range found {
		rows = append(rows, some...)
	}
	return sortHeaviest(rows, q), missed, err
}

// ConnectionCursor is a place in the list of the connections of the cluster.
type ConnectionCursor = Cursor[ConnectionPlace]

// ConnectionPage is a page of the connections that a filter selects.
type ConnectionPage = Rows[ConnectionRow, ConnectionPlace]

// Connections returns connections that a filter selects: those of one node after the other, by the ids of the nodes. A page may have
// fewer rows than the limit, or none, although more pages follow.
func (r Reach) Connections(ctx context.Context, f ConnectionFilter, from ConnectionCursor, seconds, limit int) (ConnectionPage, error) {
	return inTurn[ConnectionRow](ctx, r, "connections", from, min(limit, maxConnections), func(from ConnectionPlace, limit int) any {
		return connectionQuestion{f, from, seconds, limit}
	})
}

// Drop closes one connection, on whichever node it is. text is the reason in the close frame; if it is empty, the default text is sent.
// The error is ErrBadReason, or that of the context.
func (r Reach) Drop(ctx context.Context, id, text string) (Closed, error) {
	return r.close(ctx, "drop", drop{id, text})
}
