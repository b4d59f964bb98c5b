package server

import (
	"sync"
	"time"
)

// closeLog limits the log lines that name clients which the node has closed for their behavior (see reason.Named): an
// operator wants to find such a client, and a thousand of them must not fill the log.
type closeLog struct {
	mu         sync.Mutex
	begun      time.Time // of the present second
	lines      int       // in it
	suppressed int       // connections that were not named in it
}

// allow reports whether one more connection may be named in this second.
func (l *closeLog) allow() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lines < closesNamed {
		l.lines++
		return true
	}
	l.suppressed++
	return false
}

// tick begins another second when it is time, and returns how many connections were not named in the last one.
func (l *closeLog) tick(now time.Time) (suppressed int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.begun) < time.Second {
		return 0
	}
	suppressed = l.suppressed
	l.begun, l.lines, l.suppressed = now, 0, 0
	return suppressed
}
