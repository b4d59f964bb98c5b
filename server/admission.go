package server

import (
	"sync"
	"time"

	"github.com/google/uuid"

	"momentum/netpoll"
	"momentum/protocol"
	"momentum/server/auth"
	"momentum/server/directory"
	"momentum/server/reason"
)

// Directory knows which users exist, and which of them may connect. Any goroutine may ask it, reactors among them:
// neither call waits.
type Directory interface {
	// Recall returns what is remembered of a user, and whether that may still be acted on.
	Recall(id uuid.UUID) (u directory.User, fresh bool)
	// Ask has the directory answer by the given time at the latest.
	Ask(id uuid.UUID, by time.Time, to directory.Asker)
}

// admission checks tokens, on workers if that may take long: then no storm of them, good or bad, holds up a reactor,
// and what waits is bounded in number and in time.
type admission struct {
	server *Server
	queue  chan *handshake
	done   sync.WaitGroup
}

// startAdmission starts the workers. With none, offer judges at once.
func startAdmission(s *Server, workers int) *admission {
	a := &admission{server: s, queue: make(chan *handshake, maxAdmissionQueue)}
	for range workers {
		a.done.Go(func() {
			for h := range a.queue {
				a.judge(h, s.options.Now())
			}
		})
	}
	return a
}

// offer queues a handshake, or reports false when too many wait.
func (a *admission) offer(h *handshake) bool {
	if a.server.options.AdmissionWorkers == 0 {
		a.judge(h, h.offered)
		return true
	}
	select {
	case a.queue <- h:
		return true
	default:
		return false
	}
}

// judge checks the token and what the directory says of its user, and posts the handshake back to its reactor, now
// or when the directory has answered. Whoever sends a new token is known already.
func (a *admission) judge(h *handshake, now time.Time) {
	o := &a.server.options
	var fault *auth.Error
	if now.Sub(h.offered) > maxAdmissionWait {
		h.refuse(reason.RefusedBusy)
	} else if h.claims, fault = o.Verifier.Verify(h.token); fault != nil {
		h.why = reason.RefusedToken
		h.refusal = protocol.Refusal{Status: reason.RefusedToken.Status(), Code: fault.Code, Message: fault.Message}
	} else if h.epoch = a.server.deactivations.epoch.Load(); o.Directory != nil && !h.renews {
		u, fresh := o.Directory.Recall(h.claims.UserID)
		if !fresh {
			o.Directory.Ask(h.claims.UserID, h.by, h)
			return
		}
		h.hear(u)
	}
	h.post()
}

// Answer takes the directory's word on the user (see directory.Asker).
func (h *handshake) Answer(u directory.User, err error) {
	if err != nil {
		h.server.options.Log.Debug("the directory has no answer", "user", h.claims.UserID, "error", err)
		h.refuse(reason.RefusedDirectory)
	} else {
		h.hear(u)
	}
	h.post()
}

// hear acts on what the directory has of the user, whose name, if it has one, it knows better than a token of last week.
func (h *handshake) hear(u directory.User) {
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

// post gives the handshake back to its reactor. A mailbox never refuses a post that has no body.
func (h *handshake) post() {
	h.server.group.Post(netpoll.Post{Op: opAdmit, To: h.handle, Ref: h}, nil)
}

// stop ends the workers, once no reactor can offer any more.
func (a *admission) stop() {
	close(a.queue)
	a.done.Wait()
}
