package redis

import (
	"slices"
	"sync"
	"time"

	"momentum/server/cluster"
)

// Limits of a round of Joins and Leaves. When all nodes subscribe again at once, larger commands and rounds hold up all others for too long:
// with 55 nodes, a command of another client waited for 27 to 31 ms (p99: 77 to 89 ms) with rounds of 256 channels, and for 10 to 12 ms (24 to 35 ms)
// with rounds of 64, which took as long in all (BenchmarkScaleRejoin). At most four commands are under way, but more in Redis Cluster, where
// each has one partition.
const (
	commandChannels = 64 // of one SSUBSCRIBE
	roundChannels   = 4 * commandChannels
)

// backlogChannels is the number of waiting requests from which they count as a backlog. Only a node that was connected again has
// nearly as many.
const backlogChannels = 4 * roundChannels

// request is a Join or a Leave.
type request struct {
	arrival cluster.Arrival
	leave   bool
	asked   time.Time // of a Join
	expired bool      // the node was told that the Join has failed
}

// joins has the waiting Joins and Leaves, in the order of the calls, and the ones under way.
type joins struct {
	wake chan struct{}
	full chan struct{} // roundChannels wait

	mu      sync.Mutex
	first   []request // requests to repeat, which go before the queue: a few rounds at most
	waiting []request
	room    []request                    // the memory of the queue from its beginning, which the queue takes again once it is empty
	checked int                          // how many at the beginning of the queue were looked at: their Joins have expired
	dead    int                          // how many of the waiting Joins have expired
	round   []request                    // under way
	max     int                          // requests of this round
	seen    map[cluster.Channel]struct{} // channels of this round
	worked  time.Time                    // when a round ended that left a backlog
	idle    chan struct{}                // is closed when nothing waits or is under way; nil: nobody waits for that
}

func newJoins() *joins {
	return &joins{wake: make(chan struct{}, 1), full: make(chan struct{}, 1), seen: make(map[cluster.Channel]struct{})}
}

func (j *joins) add(r request) {
	j.mu.Lock()
	had := cap(j.waiting)
	if j.waiting = append(j.waiting, r); cap(j.waiting) != had {
		j.room = j.waiting[:0]
	}
	full := j.size() == roundChannels
	j.mu.Unlock()
	if wake(j.wake); full {
		wake(j.full)
	}
}

// size returns how many requests wait. The caller holds the lock.
func (j *joins) size() int { return len(j.first) + len(j.waiting) - j.dead }

// count returns how many requests wait.
func (j *joins) count() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.size()
}

// begin takes a round from the beginning of the queue: requests for different channels, so that their order does not matter. A round of
// several commands has only full ones, and leaves the rest for the next round. In a backlog, a round is one command. The copy that it
// returns is in the given memory, if that suffices.
func (j *joins) begin(room []request) []request {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.round = j.round[:0]
	clear(j.seen)
	if j.max = min(j.size(), roundChannels); j.size() >= backlogChannels {
		j.max = commandChannels
	} else if j.max > commandChannels {
		j.max -= j.max % commandChannels
	}
	n := j.choose(j.first)
	if j.first = j.first[n:]; len(j.first) == 0 {
		j.drop(j.choose(j.waiting))
	}
	if len(j.round) == 0 {
		j.release()
	}
	return append(room[:0], j.round...)
}

// empty returns a channel that is closed once nothing waits or is under way, or once release is called.
func (j *joins) empty() <-chan struct{} {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.idle == nil {
		j.idle = make(chan struct{})
	}
	idle := j.idle
	if len(j.first)+len(j.waiting)+len(j.round) == 0 {
		j.release()
	}
	return idle
}

// abandon ends all waits for an empty queue, which is not served any more.
func (j *joins) abandon() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.release()
}

func (j *joins) release() {
	if j.idle != nil {
		close(j.idle)
		j.idle = nil
	}
}

// choose adds waiting requests to the round until it is full, or until the next request is for a channel that it has already. It
// skips Joins that have expired. It returns how many requests it has taken or skipped.
func (j *joins) choose(from []request) (n int) {
	for ; n < len(from) && len(j.round) < j.max; n++ {
		if from[n].expired {
			continue
		}
		c := from[n].arrival.Channel
		if _, again := j.seen[c]; again {
			break
		}
		j.seen[c] = struct{}{}
		j.round = append(j.round, from[n])
	}
	return n
}

// drop removes the first waiting requests.
func (j *joins) drop(n int) {
	for _, r := range j.waiting[:n] {
		if r.expired {
			j.dead--
		}
	}
	j.checked = max(0, j.checked-n)
	if j.waiting = j.waiting[n:]; len(j.waiting) > 0 {
		return
	}
	if cap(j.room) > 2*roundChannels {
		j.room = nil // of a burst
	}
	j.waiting = j.room
}

// end ends a round, and returns its requests, as begin does. Joins that have expired during the round are marked.
func (j *joins) end(now time.Time, room []request) []request {
	j.mu.Lock()
	defer j.mu.Unlock()
	round := append(room[:0], j.round...)
	j.round = j.round[:0]
	if j.size() >= backlogChannels {
		j.worked = now
	}
	return round
}

// progress returns when a round ended that left a backlog.
func (j *joins) progress() time.Time {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.worked
}

// repeat puts requests before all others.
func (j *joins) repeat(again []request) {
	if len(again) == 0 {
		return
	}
	j.mu.Lock()
	j.first = slices.Concat(again, j.first)
	j.mu.Unlock()
	wake(j.wake)
}

// expire removes the Joins that were asked for before a time and have no answer, and returns their channels. It looks at each
// waiting request once, not at each call, because a node that was connected again has hundreds of thousands.
//
// The node is told that it is not in the channel. If the Join only asked for missing messages, the node may still be in it; then the Join
// becomes a Leave, so that it is not.
func (j *joins) expire(before time.Time, attached bool) (channels []cluster.Channel) {
	j.mu.Lock()
	defer j.mu.Unlock()
	expire := func(r *request, leaves bool) bool {
		if r.leave || r.expired {
			return true
		}
		if !r.asked.Before(before) {
			return false
		}
		channels = append(channels, r.arrival.Channel)
		if r.expired = !leaves; leaves {
			*r = request{arrival: cluster.Arrival{Channel: r.arrival.Channel}, leave: true}
		}
		return true
	}
	for i := range j.round {
		expire(&j.round[i], false)
	}
	for i := range j.first {
		expire(&j.first[i], attached && j.first[i].arrival.Again)
	}
	for ; j.checked < len(j.waiting); j.checked++ {
		r := &j.waiting[j.checked]
		if !expire(r, attached && r.arrival.Again) {
			break
		}
		if r.expired {
			j.dead++
		}
	}
	j.sift()
	return channels
}

// sift removes the expired Joins from the queue, if they are the majority. While Redis cannot be reached, no round
// removes them. It passes over fewer than two requests for each that it removes, so a Join costs the same however many wait. One call took 20 ms
// with a million of two million.
func (j *joins) sift() {
	if j.dead <= roundChannels || j.dead <= len(j.waiting)/2 {
		return
	}
	kept := j.waiting[:0]
	for i, r := range j.waiting {
		if i == j.checked {
			break
		}
		if !r.expired {
			kept = append(kept, r)
		}
	}
	rest := j.waiting[j.checked:]
	j.checked, j.dead = len(kept), 0
	kept = append(kept, rest...)
	clear(j.waiting[len(kept):])
	j.waiting = kept
}
