package load

import (
	"container/heap"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// refuse notes an answer that is no 101. A client comes back when it was told to, and not if that is no use.
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
	default: // "at once" is no answer to who is refused: a fleet that obeyed it would never pause
		f.scheduleRetry(i, f.backoff(i))
	}
}

// unanswered is a handshake that ended without one, unless what has arrived will do.
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

// fail notes a handshake without an answer and lets go of its socket.
func (f *fleet) recordFailure(i int, why string) {
	a := &f.admission
	a.failed[why]++
	a.failures++
	a.pending--
	f.close(i)
}

// unbegun is a connection that did not get as far as the server, or was refused by its kernel at once.
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

// shortages are of the host that the generator runs on. The server has no part in them.
var shortages = []unix.Errno{unix.EADDRNOTAVAIL, unix.EADDRINUSE, unix.EMFILE, unix.ENFILE, unix.ENOBUFS, unix.ENOMEM, unix.ENOSPC}

// hostFailures says what the generator's host ran short of.
func (a *admission) notStartedReasons() (all []string) {
	for _, why := range Causes(a.notStarted) {
		all = append(all, fmt.Sprintf("%d handshakes could not begin on the generator's host (%s)", a.notStarted[why], why))
	}
	return all
}

func (f *fleet) scheduleRetry(i int, after time.Duration) {
	c := &f.connections[i]
	c.state = waiting
	heap.Push(&f.admission.retries, deadline{at: f.now() + int64(after), index: i})
}

// backoff is what a client waits that was told nothing: longer each time, and by chance, so that a fleet does not
// come back as one.
func (f *fleet) backoff(i int) time.Duration {
	longest := min(firstBackoff<<min(f.connections[i].attempts, 8), maxBackoff)
	return longest/2 + time.Duration(f.random.Int64N(int64(longest/2)))
}

// expire ends the handshakes that take too long.
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
			f.recordNoAnswer(d.index, "not answered within "+handshakeTimeout.String())
		}
		done++
	}
	a.deadlines = a.deadlines[done:]
}
