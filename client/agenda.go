package client

import (
	"slices"
	"time"
)

// agenda has what a client does later on a connection, in the order in which it was put down.
type agenda []duty

// duty is one thing to do. There is one for each key.
type duty struct {
	key any
	at  time.Time
	do  func(now time.Time)
}

// set puts something down, in place of what there is for the key.
func (a *agenda) set(key any, at time.Time, do func(now time.Time)) {
	*a = append(slices.DeleteFunc(*a, func(e duty) bool { return e.key == key }), duty{key, at, do})
}

// run does what is due.
func (a *agenda) run(now time.Time) {
	var due, later agenda
	for _, e := range *a {
		if e.at.After(now) {
			later = append(later, e)
		} else {
			due = append(due, e)
		}
	}
	*a = later
	for _, e := range due {
		e.do(now)
	}
}

// next returns when the next thing is due; zero: nothing is.
func (a agenda) next() (at time.Time) {
	for _, e := range a {
		at = earlier(at, e.at)
	}
	return at
}

// earlier returns the earlier one of two times, of which zero is none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
