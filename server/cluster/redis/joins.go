package redis

import (
	"sync"
	"time"

	"momentum/server/cluster"
)

// roundChannels is the most channels of a round: at most four commands are under way, but more in Redis Cluster, where each has one
// partition.
const roundChannels = 256

// request is a Join or a Leave.
type request struct {
	arrival cluster.Arrival
	leave   bool
	asked   time.Time // of a Join
	expired bool      // the node has been told that it is in vain
}

// joins has the Joins and Leaves that wait, in the order of the calls, and those that are under way.
type joins struct {
	wake chan struct{}

	mu      sync.Mutex
	waiting []request
	round   []request // under way
}

func newJoins() *joins { return &joins{wake: make(chan struct{}, 1)} }

func (j *joins) add(r request) {
	j.mu.Lock()
	j.waiting = append(j.waiting, r)
	j.mu.Unlock()
	wake(j.wake)
}

// begin takes a round from the beginning of the queue: requests for different channels, so that their order does not matter.
func (j *joins) begin() []request {
	j.mu.Lock()
	defer j.mu.Unlock()
	seen := make(map[cluster.Channel]struct{}, roundChannels)
	n := 0
	for ; n < len(j.waiting) && n < roundChannels; n++ {
		c := j.waiting[n].arrival.Channel
		if _, again := seen[c]; again {
			break
		}
		seen[c] = struct{}{}
	}
	j.round = append(j.round[:0], j.waiting[:n]...)
	if j.waiting = j.waiting[n:]; len(j.waiting) == 0 {
		j.waiting = nil
	}
	return append([]request(nil), j.round...)
}

// end ends a round, and returns it with the marks of those that have expired meanwhile.
func (j *joins) end() []request {
	j.mu.Lock()
	defer j.mu.Unlock()
	round := append([]request(nil), j.round...)
	j.round = j.round[:0]
	return round
}

// repeat puts requests before all others.
func (j *joins) repeat(again []request) {
	if len(again) == 0 {
		return
	}
	j.mu.Lock()
	j.waiting = append(again, j.waiting...)
	j.mu.Unlock()
	wake(j.wake)
}

// expire returns the channels of Joins that were asked for before a time and have no answer, and forgets them.
func (j *joins) expire(before time.Time) (channels []cluster.Channel) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for i := range j.round {
		if r := &j.round[i]; !r.leave && !r.expired && r.asked.Before(before) {
			r.expired = true
			channels = append(channels, r.arrival.Channel)
		}
	}
	kept := j.waiting[:0]
	for _, r := range j.waiting {
		if !r.leave && r.asked.Before(before) {
			channels = append(channels, r.arrival.Channel)
		} else {
			kept = append(kept, r)
		}
	}
	clear(j.waiting[len(kept):])
	j.waiting = kept
	return channels
}
