package client

import "time"

const (
	firstBackoff   = time.Second
	longestBackoff = 30 * time.Second

	// lasting is how long a connection must have been open to reset the back-off.
	lasting = 10 * time.Second

	// namedSpread is added at random to a time that the server has named in whole seconds, so that clients fill the second evenly. The rate
	// limiter holds a turn for two seconds after it is due, of which one is for the time that was rounded up.
	namedSpread = 900 * time.Millisecond

	// wakeSpread is the time over which clients that wake at once spread their attempts.
	wakeSpread = time.Second
)

// course is what may follow the end of a connection or of an attempt.
type course int

const (
	retry        course = iota
	renew               // with a new token only
	renewOrRetry        // with a new token, or with the same one later
	final
)

// ending is how a connection or an attempt has ended.
type ending struct {
	why    string
	err    error
	course course
	named  time.Duration // the server has named this time until the next attempt; negative: it has not
}

// plan is what the client does next.
type plan struct {
	final bool
	renew bool          // call the token function
	wait  time.Duration // before the next attempt
	named bool          // the wait must not be shortened
}

// schedule decides when the next attempt is. The zero value needs random.
type schedule struct {
	random  func() float64 // [0, 1)
	waits   int            // back-offs since the last connection that has lasted
	renewed bool           // a new token was tried at once since then
}

// next returns the plan after an ending. open is how long the connection was open, and renewable says that there is a token function.
func (s *schedule) next(e ending, open time.Duration, renewable bool) plan {
	if open >= lasting {
		s.waits, s.renewed = 0, false
	}
	switch {
	case e.course == final, e.course == renew && !renewable && e.named < 0:
		return plan{final: true}
	case renewable && (e.course == renew || e.course == renewOrRetry):
		if !s.renewed {
			s.renewed = true
			return plan{renew: true}
		}
		return plan{renew: true, wait: s.backoff()}
	case e.named >= 0:
		return plan{wait: e.named + s.part(namedSpread), named: true}
	}
	return plan{wait: s.backoff()}
}

// backoff returns a random time up to a limit that doubles with each call (full jitter), so that the clients of a node that has failed do
// not all come back at once.
func (s *schedule) backoff() time.Duration {
	limit := doubled(s.waits)
	s.waits++
	return s.part(limit)
}

// woken returns how long a client that has just woken waits.
func (s *schedule) woken() time.Duration { return s.part(wakeSpread) }

// pause returns the n-th pause in a row before a message is sent again that an overloaded server has refused.
func (s *schedule) pause(n int) time.Duration {
	limit := doubled(n)
	return limit/2 + s.part(limit/2)
}

func (s *schedule) part(of time.Duration) time.Duration {
	return time.Duration(s.random() * float64(of))
}

// doubled returns the first back-off doubled n times, up to the longest.
func doubled(n int) time.Duration {
	const enough = 5 // 32 s
	return min(longestBackoff, firstBackoff<<min(n, enough))
}
