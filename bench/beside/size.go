package main

import "time"

// size says how large a run is.
type size struct {
	binary, rivals string
	only           []string
	rounds         int
	limit          time.Duration // of the whole run
	pairs          int           // of users with direct messages
	members        int           // of a node that delivers broadcasts
	load           time.Duration // of direct messages and broadcasts
	presenceTime   time.Duration // how long messages about arrivals may take
	crowd          int           // users of a storm
	stormTime      time.Duration // for a storm
	grace          time.Duration // until users that were cut off have left
	backTime       time.Duration // for the users that come back
	lateTime       time.Duration // for a message after all are back
	orphans        int           // users whose node is killed
	before, after  time.Duration // of a stream, before and after the outage
	down           time.Duration // how long Redis is away
	over           <-chan struct{}
}

var (
	full = size{
		rounds: 2, limit: 10 * time.Minute, pairs: 200, members: 1000, load: 2 * time.Second, presenceTime: 2 * time.Second, crowd: 15_000, stormTime: time.Minute,
		grace: 5 * time.Second, backTime: 30 * time.Second, lateTime: 3 * time.Second, orphans: 1000, before: time.Second, after: 3 * time.Second, down: 2 * time.Second,
	}
	small = size{
		rounds: 1, limit: 2 * time.Minute, pairs: 50, members: 200, load: 200 * time.Millisecond, presenceTime: 200 * time.Millisecond, crowd: 300, stormTime: 20 * time.Second,
		grace: 200 * time.Millisecond, backTime: 10 * time.Second, lateTime: 500 * time.Millisecond, orphans: 100, before: 300 * time.Millisecond,
		after: 300 * time.Millisecond, down: 500 * time.Millisecond,
	}
)
