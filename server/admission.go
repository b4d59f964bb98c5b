package server

import (
	"momentum/netpoll"
	"momentum/protocol"
	"momentum/server/directory"
	"momentum/server/reason"
	"momentum/server/trace"
)

// tokenChecked looks up the user after the token has been checked. It posts the handshake back to its reactor, at once
// or after the directory has answered.
func (h *handshake) tokenChecked() {
	n := h.node
	switch {
	case h.late:
		h.refuse(reason.RefusedBusy)
	case h.fault != nil:
		h.why = reason.RefusedToken
		h.refusal = protocol.Refusal{Status: reason.RefusedToken.Status(), Code: h.fault.Code, Message: h.fault.Message}
	default:
		h.epoch = n.deactivations.epoch.Load()
		if n.options.Directory == nil {
			break
		}
		h.enter(trace.Directory)
		u, fresh := n.options.Directory.Recall(h.claims.UserID)
		if !fresh {
			n.options.Directory.Ask(h.claims.UserID, h.by, h)
			return
		}
		h.takeUser(u)
	}
	h.post()
}

// Answer is the directory's answer (see directory.Asker).
func (h *handshake) Answer(u directory.User, err error) {
	if err != nil {
		h.node.options.Log.Debug("the directory has no answer", "user", h.claims.UserID, "error", err)
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
	h.leave()
	h.node.group.Post(netpoll.Post{Op: opAdmit, To: h.handle, Ref: h}, nil)
}
