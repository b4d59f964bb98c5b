package server

import (
	"sync"
	"time"

	"momentum/netpoll"
	"momentum/server/auth"
)

// tokenCheck is the check of one token, for a handshake or for a refresh. It belongs to the reactor until it is
// offered, and then to a worker until tokenChecked is called on its owner.
type tokenCheck struct {
	handle  netpoll.Handle // of the token's connection
	token   []byte
	offered time.Time
	owner   tokenOwner

	claims auth.Claims
	fault  *auth.Error // why the token is refused; nil: it is valid
	late   bool        // it waited for too long and was not checked
}

// tokenOwner receives the result of its token's check, on the goroutine that made it.
type tokenOwner interface{ tokenChecked() }

// valid reports, after the check, whether the token may be used.
func (c *tokenCheck) valid() bool { return !c.late && c.fault == nil }

// tokenChecks checks tokens, on workers if a check may take long: then many tokens at once, valid or not, do not delay
// a reactor. The waiting checks are limited in number and in time.
type tokenChecks struct {
	verifier *auth.Verifier
	now      func() time.Time
	inline   bool // there are no workers: offer makes the check
	queue    chan *tokenCheck
	workers  sync.WaitGroup
}

// startTokenChecks starts the workers. With 0 of them, offer makes the check itself; with ByHand, CheckNext does.
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

// offer starts the check of a token. It returns false if too many checks wait.
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

// stop ends the workers, after no reactor can offer any more.
func (a *tokenChecks) stop() {
	close(a.queue)
	a.workers.Wait()
}
