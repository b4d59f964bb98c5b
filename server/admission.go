package server

import (
	"time"

	"github.com/google/uuid"

	"momentum/netpoll"
	"momentum/protocol"
	"momentum/server/directory"
	"momentum/server/reason"
)

// Directory knows which users exist, and which of them may connect. It is safe for concurrent use. Reactors call it,
// so neither method blocks.
type Directory interface {
	// Recall returns the user as it is cached, and whether the cached answer may still be used.
	Recall(id uuid.UUID) (u directory.User, fresh bool)
	// Ask has the directory answer by the given time at the latest.
	Ask(id uuid.UUID, by time.Time, to directory.Asker)
}

// tokenChecked looks up the user after the token has been checked. It posts the handshake back to its reactor, at once
// or after the directory has answered.
func (h *handshake) tokenChecked() {
	s := h.server
	switch {
	case h.late:
		h.refuse(reason.RefusedBusy)
	case h.fault != nil:
		h.why = reason.RefusedToken
		h.refusal = protocol.Refusal{Status: reason.RefusedToken.Status(), Code: h.fault.Code, Message: h.fault.Message}
	default:
		h.epoch = s.deactivations.epoch.Load()
		if s.options.Directory == nil {
			break
		}
		u, fresh := s.options.Directory.Recall(h.claims.UserID)
		if !fresh {
			s.options.Directory.Ask(h.claims.UserID, h.by, h)
			return
		}
		h.takeUser(u)
	}
	h.post()
}

// Answer is the directory's answer (see directory.Asker).
func (h *handshake) Answer(u directory.User, err error) {
	if err != nil {
		h.server.options.Log.Debug("the directory has no answer", "user", h.claims.UserID, "error", err)
		h.refuse(reason.RefusedDirectory)
	} else {
		h.takeUser(u)
	}
	h.post()
}

// takeUser refuses a user that may not connect. For an active user, the name in the directory replaces the one in the
// token.
func (h *handshake) takeUser(u directory.User) {
	switch u.Standing {
	case directory.Active:
		if u.Username != "" {
			h.claims.Username = u.Username
		}
	case directory.Inactive:
		h.refuse(reason.RefusedInactive)
	default:
		h.refuse(reason.RefusedUnknown)
	}
}

func (h *handshake) refuse(why reason.Reason) { h.why, h.refusal = why, *why.Refusal() }

// post gives the handshake back to its reactor. A mailbox never refuses a post without a body.
func (h *handshake) post() {
	h.server.group.Post(netpoll.Post{Op: opAdmit, To: h.handle, Ref: h}, nil)
}
