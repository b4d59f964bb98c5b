package server

import (
	"sync"
	"time"

	"momentum/netpoll"
	"momentum/server/auth"
)

// tokenCheck is the check of one token, for a handshake or for a refresh. It belongs to the reactor until it is
// offered, and then to a worker until its owner is told.
type tokenCheck struct {
	handle  netpoll.Handle // of the connection that it is for
	token   []byte
	offered time.Time
	owner   tokenOwner

	claims auth.Claims
	fault  *auth.Error // why the token is refused; nil: it is valid
	late   bool        // it has waited for too long and was not checked
}

// tokenOwner is told when its token has been checked, on the goroutine that has checked it.
type tokenOwner interface{ tokenChecked() }

// valid reports, after the check, whether the token may be used.
func (c *tokenCheck) valid() bool { return !c.late && c.fault == nil }

// tokenChecks makes checks, on workers if one may take long: then no storm of tokens, valid or not, holds up a reactor.
// What waits is bounded in number and in time.
type tokenChecks struct {
	verifier *auth.Verifier
	now      func() time.Time
	inline   bool // there are no workers: offer makes the check
	queue    chan *tokenCheck
	workers  sync.WaitGroup
}

// startTokenChecks starts the workers. With 0 of them checks are made by whoever offers them, with ByHand by the caller.
func startTokenChecks(v *auth.Verifier, now func() time.Time, workers int) *tokenChecks {
	a := &tokenChecks{verifier: v, now: now, inline: workers == 0, queue: make(chan *tokenCheck, maxTokenChecks)}
	for range workers {
		a.workers.Go(func() {
			for c := range a.queue {
				a.check(c, now())
			}
		})
	}
	return a
}

// offer has a token checked, or returns false if too many wait.
func (a *tokenChecks) offer(c *tokenCheck) bool {
	if a.inline {
		a.check(c, c.offered)
		return true
	}
	select {
	case a.queue <- c:
		return true
	default:
		return false
	}
}

func (a *tokenChecks) check(c *tokenCheck, now time.Time) {
	c.late = now.Sub(c.offered) > maxTokenCheckWait
	if !c.late {
		c.claims, c.fault = a.verifier.Verify(c.token)
	}
	c.owner.tokenChecked()
}

// stop ends the workers, once no reactor can offer any more.
func (a *tokenChecks) stop() {
	close(a.queue)
	a.workers.Wait()
}
