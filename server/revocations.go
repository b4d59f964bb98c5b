package server

import (
	"context"
	"errors"
	"unicode/utf8"

	"github.com/google/uuid"

	"momentum/protocol"
	"momentum/server/auth"
	"momentum/server/reason"
)

// MaxReasonBytes is the length of the longest reason that fits in a close frame.
const MaxReasonBytes = protocol.MaxReasonBytes

// ErrBadReason means that a close frame cannot carry the reason.
var ErrBadReason = errors.New("the reason must be UTF-8, of at most 123 bytes")

// Deactivate closes the connections of users that the directory no longer admits, refuses their handshakes that are
// under way, and waits until that is done. The caller must first have removed the users from every cache of active
// users: later handshakes are decided by the directory.
func (s *Server) Deactivate(ctx context.Context, users ...uuid.UUID) error {
	targets := make([]target, len(users))
	for i, user := range users {
		s.deactivations.note(user, s.options.Now())
		targets[i] = target{user: user, issuedBefore: anyIssue, why: reason.ClosedInactive, text: reason.ClosedInactive.Text()}
	}
	_, err := s.evict(targets...).Wait(ctx)
	return err
}

// Restore applies revocations that were recorded before the node began to listen, so there are no connections to
// close. It returns auth.ErrTooManyRevocations if they do not all fit.
func (s *Server) Restore(all ...auth.Revocation) (err error) {
	now := s.Now().Unix()
	for _, r := range all {
		if _, full := s.revocations.Add(r, now); full != nil {
			err = full
		}
	}
	return err
}

// Revoke applies revocations on this node and starts to close the connections that they cover. One that was in force
// already closes nothing. auth.ErrTooManyRevocations means that some do not apply to later handshakes; the connections
// that they cover are still closed.
func (s *Server) Revoke(all ...auth.Revocation) (e *Eviction, err error) { return s.revoke(all) }

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

// RevokedUntil returns when the revocation that r asks for ends, as far as it is in force: auth.Forever if it never
// does.
func (s *Server) RevokedUntil(r auth.Revocation) int64 { return s.revocations.Until(r) }

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

// Disconnect starts to close a user's connections, with a reason for the close frame; an empty one stands for the
// default text. If bannedUntil, in seconds since 1970, is not 0, this node refuses the user until then. Disconnect
// returns ErrBadReason, and does nothing, if the reason does not fit in a close frame. auth.ErrTooManyRevocations
// means that the user is disconnected but not banned.
func (s *Server) Disconnect(user uuid.UUID, text string, bannedUntil int64) (e *Eviction, err error) {
	if text == "" {
		text = reason.ClosedDisconnected.Text()
	}
	if !utf8.ValidString(text) || len(text) > MaxReasonBytes {
		return nil, ErrBadReason
	}
	if bannedUntil != 0 {
		_, err = s.revocations.Add(auth.Ban(user, bannedUntil), s.Now().Unix())
	}
	return s.evict(target{user: user, issuedBefore: anyIssue, why: reason.ClosedDisconnected, text: text}), err
}
