package server

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"momentum/server/auth"
)

// Lifted is the result of lifting a ban or another revocation.
type Lifted struct {
	InForce bool `json:"-"` // it was in force on a node, or the bus has no lift of it
	Nodes   int  `json:"nodes,omitempty"`
	Partial
}

// Bans returns the bans in force, in the order of the users' ids, after a name. If nodes have different bans of a user, the row has the
// later end.
func (r Reach) Bans(ctx context.Context, after string, limit int) (Page[Revocation], error) {
	return pages(ctx, r, "bans", pageQuestion{after, limit}, compareNames, joinRevocations)
}

// Revocations returns the other revocations in force, as Bans does.
func (r Reach) Revocations(ctx context.Context, after string, limit int) (Page[Revocation], error) {
	p, err := pages(ctx, r, "revocations", pageQuestion{after, limit}, compareNames, joinRevocations)
	return p, err
}

func compareNames(a, b Revocation) int { return strings.Compare(a.Name(), b.Name()) }

func joinRevocations(into *Revocation, other Revocation) {
	into.Until, into.IssuedBefore = max(into.Until, other.Until), max(into.IssuedBefore, other.IssuedBefore)
}

// ErrKeptLater is an ErrBusUnavailable of what this node has the cluster keep as soon as it can, unless the node stops before.
var ErrKeptLater = fmt.Errorf("this node stores it later: %w", ErrBusUnavailable)

// Lift ends a ban or another revocation on all nodes. With keep, the cluster keeps a notice of the lift for nodes that are connected
// later. If it cannot, the error is ErrKeptLater or ErrBusUnavailable, and the ban may be in force on those nodes until it can.
func (r Reach) Lift(ctx context.Context, one Revocation, keep bool) (l Lifted, err error) {
	found, missed, err := everywhere[int64](ctx, r, "lift", one)
	l.Partial = missed
	until := int64(0)
	for _, end := range found {
		until = max(until, end)
	}
	if err != nil || r.alone {
		l.InForce = until > 0
		return l, err
	}
	if until == 0 && keep {
		until = r.server.relay.notices.until(one)
	}
	l.InForce, l.Nodes = until > 0, len(found)
	if l.Partial.Partial && !l.InForce {
		until = auth.Forever // it may be in force on a node that has not answered
	}
	if until == 0 || !keep {
		return l, nil
	}
	one.Until = until
	return l, r.keep(ctx, notice{Lift: &one, At: r.server.Now()})
}

// keep makes the cluster keep a notice, and sends it to the nodes: also after the context has ended. The error is ErrKeptLater or
// ErrBusUnavailable if it cannot.
func (r Reach) keep(ctx context.Context, one notice) error {
	text, err := json.Marshal(one)
	if err != nil {
		return err
	}
	one.text = string(text)
	relay, kept := r.server.relay, make(chan error, 1)
	one.void = relay.notices.void(&one)
	relay.bus.Keep(one.kept(), func(err error) {
		switch {
		case err == nil:
			relay.notices.follow(relay.notices.add(one))
			// A node may have read the notices just before this one was kept, or been too busy to answer.
			relay.notices.report([]notice{one})
		case relay.notices.refused(one):
			err = ErrKeptLater
		default:
			err = ErrBusUnavailable
		}
		kept <- err
	})
	select {
	case err := <-kept:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
