package redis

import "time"

// Pace of round trips. A round trip of one user costs Redis some 30 µs, most of it in the kernel, and the node as much; of 64, it costs 1 µs a
// user. A call with messages costs Redis some 86 µs and 1.6 for each message of a channel.
const (
	paceEach     = time.Millisecond       // for each request of the last round
	paceJoins    = 50 * time.Millisecond  // at most: handshakes wait for it
	paceGap      = time.Millisecond       // without a request: the others may wait for the answers to these
	paceMoves    = 100 * time.Millisecond // at most: nobody waits for it
	paceMessage  = 100 * time.Microsecond // for each message of the last round
	paceMessages = 10 * time.Millisecond  // at most
)

// pace decides how long requests wait for others, so that a storm needs few round trips and a lone request does not wait. The next round
// begins some time after the beginning of the last one: a millisecond, or 100 µs, for each request that the last one had. So the rounds grow, up to the
// longest wait, if more than one request comes in that time, and shrink to single ones, without a wait, if fewer do. A full round
// begins at once.
type pace struct {
	each  time.Duration
	max   time.Duration
	full  int
	began time.Time // the last round
	size  int       // its requests
}

// wait returns how long the requests that wait now have to wait for others.
func (p *pace) wait(now time.Time, waiting int) time.Duration {
	if waiting >= p.full {
		return 0
	}
	return p.began.Add(min(p.max, time.Duration(p.size)*p.each)).Sub(now)
}

// begin notes that a round begins.
func (p *pace) begin(now time.Time, size int) { p.began, p.size = now, size }
