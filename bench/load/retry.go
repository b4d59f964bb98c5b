package load

import (
	"container/heap"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// recordRefusal handles an answer other than 101. The client tries again when the server said, unless that is of no
// use.
func (f *fleet) recordRefusal(i int, r refusal) {
	a := &f.admission
	a.refused[r.String()]++
	a.refusals++
	a.pending--
	f.close(i)
	switch {
	case !r.retryable():
		a.givenUp++
	case r.retryAfter > 0:
		f.scheduleRetry(i, r.retryAfter)
	default: // also for a Retry-After of 0: a fleet that obeyed it would never pause
		f.scheduleRetry(i, f.backoff(i))
	}
}

// recordNoAnswer handles a handshake that ended without a complete answer, unless the part that has arrived is enough.
func (f *fleet) recordNoAnswer(i int, why string) {
	c := &f.connections[i]
	if rest := c.reader.rest; len(rest) > 0 {
		if r, ok, err := readRefusal(rest, true, time.Now()); ok && err == nil {
			f.recordRefusal(i, r)
			return
		}
	}
	f.recordFailure(i, why)
	f.scheduleRetry(i, f.backoff(i))
}

// recordFailure counts a handshake without an HTTP answer and closes its socket.
func (f *fleet) recordFailure(i int, why string) {
	a := &f.admission
	a.failed[why]++
	a.failures++
	a.pending--
	f.close(i)
}

// recordNotStarted handles a connect that failed at once: on this host, or because the server's kernel refused it.
func (f *fleet) recordNotStarted(i int, what string, err error) {
	a := &f.admission
	if why := what + ": " + errnoName(err); slices.ContainsFunc(shortages, func(s unix.Errno) bool { return errors.Is(err, s) }) {
		a.notStarted[why]++
	} else {
		a.failed[why]++
		a.failures++
	}
	f.scheduleRetry(i, f.backoff(i))
}

// shortages are errors of the generator's host, for which the server is not responsible.
var shortages = []unix.Errno{unix.EADDRNOTAVAIL, unix.EADDRINUSE, unix.EMFILE, unix.ENFILE, unix.ENOBUFS, unix.ENOMEM, unix.ENOSPC}

// notStartedReasons lists the shortages of the generator's host.
func (a *admission) notStartedReasons() (all []string) {
	for _, why := range Causes(a.notStarted) {
		all = append(all, fmt.Sprintf("%d handshakes could not start on the generator's host (%s)", a.notStarted[why], why))
	}
	return all
}

func (f *fleet) scheduleRetry(i int, after time.Duration) {
	c := &f.connections[i]
	c.state = waiting
	heap.Push(&f.admission.retries, deadline{at: f.now() + int64(after), index: i})
}

// backoff is the pause of a client without a Retry-After. It grows with each attempt, and is random, so that the
// clients do not come back all at once.
func (f *fleet) backoff(i int) time.Duration {
	longest := min(firstBackoff<<min(f.connections[i].attempts, 8), maxBackoff)
	return longest/2 + time.Duration(f.random.Int64N(int64(longest/2)))
}

// expireHandshakes ends the handshakes that take too long.
func (f *fleet) expireHandshakes(now int64) {
	a := &f.admission
	done := 0
	for _, d := range a.deadlines {
		c := &f.connections[d.index]
		underWay := c.generation == d.generation && (c.state == connecting || c.state == requested)
		if underWay && d.at > now {
			break
		}
		if underWay {
			f.recordNoAnswer(d.index, "no answer within "+handshakeTimeout.String())
		}
		done++
	}
	a.deadlines = a.deadlines[done:]
}
