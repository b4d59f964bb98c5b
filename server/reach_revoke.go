package server

import (
	"context"

	"github.com/google/uuid"

	"momentum/server/auth"
)

// Closed is the result of a disconnect or a revocation.
type Closed struct {
	Connections int `json:"connections"`
	Nodes       int `json:"nodes,omitempty"` // on which it is in force, this one included; 0 for a node in no cluster
	Partial         // the nodes that have not confirmed it
}

// Disconnect is Server.Disconnect for all nodes. It waits until the connections are closed; an error of the context means that this
// node has not closed all of its own.
func (r Reach) Disconnect(ctx context.Context, user uuid.UUID, text string, bannedUntil int64) (Closed, error) {
	return r.close(ctx, "disconnect", dismissal{user, text, bannedUntil})
}

// Revoke is Server.Revoke for all nodes. It waits as Disconnect does.
func (r Reach) Revoke(ctx context.Context, one auth.Revocation) (Closed, error) {
	return r.close(ctx, "revoke", one)
}

func (r Reach) close(ctx context.Context, kind string, question any) (c Closed, err error) {
	found, missed, err := everywhere[closing](ctx, r, kind, question)
	c.Partial = missed
	for _, one := range found {
		c.Connections += one.Connections
	}
	if !r.alone {
		c.Nodes = len(found)
	}
	if err == nil {
		err = found[0].err
	}
	return c, err
}

// Keeps reports whether the cluster keeps revocations for nodes that come later.
func (r Reach) Keeps() bool { return !r.alone }

// Record keeps a revocation for nodes that come later, or returns ErrKeptLater or ErrBusUnavailable.
func (r Reach) Record(ctx context.Context, one auth.Revocation) error {
	return r.keep(ctx, notice{Revocation: one, At: r.server.Now()})
}
