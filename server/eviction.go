package server

import (
	"context"
	"math"
	"sync"
	"sync/atomic"

	"github.com/google/uuid"

	"momentum/netpoll"
	"momentum/server/auth"
	"momentum/server/reason"
)

// anyIssue is later than the iat of every token.
const anyIssue = math.MaxInt64

// Eviction closes the connections of users or tokens that are no longer valid. Every reactor closes its own
// connections, a bounded number in each turn.
//
// The cause (a ban, a revocation, a deactivation) is recorded before the eviction is posted, and a reactor checks for
// such a record in the same turn in which it makes a handshake live. So every handshake either finds the record or is
// live before its reactor handles the eviction, which then closes it.
type Eviction struct {
	targets []target
	waiting sync.WaitGroup // reactors that are not done
	closed  atomic.Int64
}

// target is one token, one connection, or the connections of one user.
type target struct {
	connection   netpoll.Handle // or 0
	token        uint64         // as sessions keep it, or noToken
	user         uuid.UUID      // unless token or connection is set
	issuedBefore int64          // only connections with a token that was issued before this
	why          reason.Reason
	text         string // of the close frame
}

// evict starts an eviction. The record that makes later handshakes with its targets fail must exist already.
func (n *node) evict(targets ...target) *Eviction {
	e := &Eviction{targets: targets}
	if len(targets) > 0 {
		e.waiting.Add(n.group.Reactors())
		n.group.PostAll(netpoll.Post{Op: opEvict, Ref: e}, nil)
	}
	return e
}

// revoke puts revocations in force and starts to close the connections that they cover (see Server.Revoke).
func (n *node) revoke(all []auth.Revocation) (e *Eviction, err error) {
	now := n.options.Now().Unix()
	targets := make([]target, 0, len(all))
	for _, r := range all {
		changed, full := n.revocations.Add(r, now)
		if full != nil {
			err = full
		}
		if changed {
			targets = append(targets, n.targetOf(&r))
		}
	}
	return n.evict(targets...), err
}

// lift ends revocations, and returns how many of them were in force.
func (n *node) lift(all ...auth.Revocation) (lifted int) {
	now := n.options.Now().Unix()
	for _, r := range all {
		if n.revocations.Lift(r, now) {
			lifted++
		}
	}
	return lifted
}

func (n *node) targetOf(r *auth.Revocation) target {
	t := target{user: r.UserID, issuedBefore: r.IssuedBefore, why: reason.ClosedRevoked}
	switch {
	case r.TokenID != "":
		t.token = n.tokenHash(r.TokenID)
	case r.IsBan(): // from another node; the reason it gave its clients is not recorded
		t.why = reason.ClosedDisconnected
	}
	t.text = t.why.Text()
	return t
}

// Wait waits until every reactor is done and returns how many connections were closed. An error of the context means
// that some reactors are not done yet; they will still close their share.
func (e *Eviction) Wait(ctx context.Context) (closed int, err error) {
	err = await(ctx, &e.waiting)
	return int(e.closed.Load()), err
}

// evictions holds the evictions that a reactor has not finished.
type evictions struct {
	*base
	ending  *ending
	tokens  *tokens
	budget  int         // left for this turn
	waiting []*Eviction // in the order in which they were posted
	next    int         // target of the first
	looked  bool        // found has the connections of that target's user
	found   []netpoll.Handle
}

// add begins an eviction at once, within the budget of this turn.
func (v *evictions) add(e *Eviction) {
	v.waiting = append(v.waiting, e)
	v.advance()
}

// advance closes connections until none is left to close or the turn's budget is used up, and reports whether more are
// left.
func (v *evictions) advance() (more bool) {
	for len(v.waiting) > 0 && v.budget > 0 {
		v.budget -= v.step(v.waiting[0])
	}
	return len(v.waiting) > 0
}

// endTurn does the remaining work of a turn and resets the budget for the next one.
func (v *evictions) endTurn() (more bool) {
	more = v.advance()
	v.budget = evictionBudget
	return more
}

// step makes one step of an eviction: it finds the connections of a target, closes one, or finishes the eviction. It
// returns the cost of that step.
func (v *evictions) step(e *Eviction) (cost int) {
	if v.next == len(e.targets) {
		v.finish(e)
		return lookUpCost
	}
	t := &e.targets[v.next]
	s, more := v.nextOf(t)
	if !more {
		v.next, v.looked = v.next+1, false
	}
	if s == nil {
		return lookUpCost
	}
	cost = v.ending.sendClose(s, t.why, t.why.Code(), t.text)
	s.conn.SetDeadline(ticks(CloseTimeout))
	e.closed.Add(1)
	return cost
}

func (v *evictions) finish(e *Eviction) {
	v.next, v.waiting = 0, v.waiting[1:]
	if len(v.waiting) == 0 {
		v.waiting = nil
	}
	if cap(v.found) > keepFound {
		v.found = nil
	}
	e.waiting.Done()
}

// nextOf looks at one connection of a target and returns its session if that is to be closed. It reports whether
// there may be more: closing a session removes it from the index of tokens, and found shrinks with each call.
func (v *evictions) nextOf(t *target) (s *session, more bool) {
	if t.token != noToken {
		s = v.tokens.find(t.token)
		return s, s != nil
	}
	if t.connection != 0 {
		return v.own(t.connection), false
	}
	if !v.looked {
		v.looked, v.found = true, v.node.hub.Connections(t.user, v.found[:0])
	}
	n := len(v.found)
	if n == 0 {
		return nil, false
	}
	h := v.found[n-1]
	v.found = v.found[:n-1]
	if s = v.own(h); s != nil && int64(s.token.issued) >= t.issuedBefore {
		s = nil
	}
	return s, n > 1
}

// own returns the live session of a connection, if it is of this reactor.
func (v *evictions) own(h netpoll.Handle) *session {
	if h.Reactor() != v.reactor.Index() {
		return nil
	}
	return v.live(h)
}
