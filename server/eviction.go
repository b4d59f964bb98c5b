package server

import (
	"context"
	"errors"
	"math"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"momentum/netpoll"
	"momentum/protocol"
	"momentum/server/auth"
)

// MaxReasonBytes is what a close frame has room for.
const MaxReasonBytes = protocol.MaxReasonBytes

// ErrBadReason says that a close frame cannot carry the reason.
var ErrBadReason = errors.New("the reason must be UTF-8, of at most 123 bytes")

// anyIssue is behind every token.
const anyIssue = math.MaxInt64

// eviction asks every reactor to close what it has of a user or of a token, and collects how many those were.
//
// Whoever is to be kept out is noted first, where decide looks, and what is in is asked for behind that. A reactor
// does both within a turn each, so a handshake either finds the note or is live when the eviction comes.
type eviction struct {
	user         uuid.UUID // unless token is set
	issuedBefore int64     // of the user's tokens; anyIssue: whatever they are
	token        uint64    // as sessions keep it
	why          Reason
	text         string // of the close frame
	waiting      sync.WaitGroup
	closed       atomic.Int64
}

func (s *Server) startEviction(e *eviction) *eviction {
	e.waiting.Add(s.group.Reactors())
	s.group.PostAll(netpoll.Post{Op: opEvict, Ref: e}, nil)
	return e
}

// wait returns how many connections were closed, once every reactor has answered.
func (e *eviction) wait(ctx context.Context) (closed int, err error) {
	err = await(ctx, &e.waiting)
	return int(e.closed.Load()), err
}

// evict closes what the eviction is about. A token is looked for among all sessions, in steps; users are found by the
// hub.
func (sh *shard) evict(e *eviction) {
	if e.token != noToken {
		sh.startWalk(func(s *session) int {
			if s.state != stateLive || s.token != e.token {
				return 0
			}
			sh.expel(s, e)
			return closeCost
		}, e.waiting.Done)
		return
	}
	defer e.waiting.Done()
	sh.found = sh.server.hub.Connections(e.user, sh.found[:0])
	for _, h := range sh.found {
		if h.Reactor() != sh.reactor.Index() {
			continue
		}
		if s := sh.live(h); s != nil && int64(s.issued) < e.issuedBefore {
			sh.expel(s, e)
		}
	}
}

func (sh *shard) expel(s *session, e *eviction) {
	sh.sayClose(s, e.why, reasons[e.why].code, e.text)
	s.conn.SetDeadline(ticks(CloseTimeout))
	e.closed.Add(1)
}

// ShutOut closes the connections of a user who may no longer connect, and refuses those handshakes of theirs that
// are under way. What the directory remembers of the user must have been forgotten before: later ones are for it to judge.
func (s *Server) ShutOut(user uuid.UUID) {
	s.shutOuts.note(user, s.options.Now())
	s.startEviction(&eviction{user: user, issuedBefore: anyIssue, why: ClosedInactive, text: reasons[ClosedInactive].text})
}

// Restore puts a revocation in force that was recorded before the node began to listen: nobody is live yet whom it
// could close. An error is auth.ErrTooManyRevocations.
func (s *Server) Restore(r auth.Revocation) error {
	_, err := s.revocations.Add(r, s.options.Now().Unix())
	return err
}

// Revoke puts a revocation in force, here and until the node ends, and closes what is live under it, which is nobody if
// it was in force already. It returns how many connections those were. ErrTooManyRevocations says that it is not in
// force for whoever connects from now on; an error of ctx says that not every reactor has answered in time, as it
// still will.
func (s *Server) Revoke(ctx context.Context, r auth.Revocation) (closed int, err error) {
	news, full := s.revocations.Add(r, s.options.Now().Unix())
	if !news {
		return 0, nil
	}
	closed, err = s.startEviction(s.evictionOf(r)).wait(ctx)
	return closed, errors.Join(full, err)
}

func (s *Server) evictionOf(r auth.Revocation) *eviction {
	e := &eviction{user: r.UserID, issuedBefore: r.IssuedBefore, why: ClosedRevoked, text: reasons[ClosedRevoked].text}
	switch {
	case r.TokenID != "":
		e.token = s.tokenHash(r.TokenID)
	case r.IsBan(): // on another node, whose reason for it is not known here
		e.why, e.text = ClosedDisconnected, reasons[ClosedDisconnected].text
	}
	return e
}

// Disconnect closes a user's connections and tells them the reason; an empty one is worded here. A ban keeps the user
// out of this node for so long. The count and the errors are as with Revoke.
func (s *Server) Disconnect(ctx context.Context, user uuid.UUID, reason string, ban time.Duration) (closed int, err error) {
	e, err := s.startDisconnect(user, reason, ban)
	if e == nil {
		return 0, err
	}
	closed, late := e.wait(ctx)
	return closed, errors.Join(err, late)
}

// startDisconnect returns nil if nothing was done.
func (s *Server) startDisconnect(user uuid.UUID, reason string, ban time.Duration) (*eviction, error) {
	if reason == "" {
		reason = reasons[ClosedDisconnected].text
	}
	if !utf8.ValidString(reason) || len(reason) > MaxReasonBytes {
		return nil, ErrBadReason
	}
	var err error
	if now := s.options.Now(); ban > 0 {
		_, err = s.revocations.Add(auth.Ban(user, now.Add(ban).Unix()), now.Unix())
	}
	return s.startEviction(&eviction{user: user, issuedBefore: anyIssue, why: ClosedDisconnected, text: reason}), err
}
