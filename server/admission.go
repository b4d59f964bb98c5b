package server

import (
	"sync"

	"momentum/netpoll"
	"momentum/protocol"
)

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
				a.judge(h)
			}
		})
	}
	return a
}

// offer queues a handshake, or reports false when too many wait.
func (a *admission) offer(h *handshake) bool {
	if a.server.options.AdmissionWorkers == 0 {
		a.judge(h)
		return true
	}
	select {
	case a.queue <- h:
		return true
	default:
		return false
	}
}

// judge checks the token and posts the handshake back to its reactor. A mailbox never refuses a post that
// has no body.
func (a *admission) judge(h *handshake) {
	if a.server.options.Now().Sub(h.offered) > maxAdmissionWait {
		h.why, h.refusal = RefusedBusy, *RefusedBusy.refusal()
	} else if claims, fault := a.server.options.Verifier.Verify(h.token); fault != nil {
		h.why = RefusedToken
		h.refusal = protocol.Refusal{Status: reasons[RefusedToken].status, Code: fault.Code, Message: fault.Message}
	} else {
		h.claims = claims
	}
	a.server.group.Post(netpoll.Post{Op: opAdmit, To: h.handle, Ref: h}, nil)
}

// stop ends the workers, once no reactor can offer any more.
func (a *admission) stop() {
	close(a.queue)
	a.done.Wait()
}
