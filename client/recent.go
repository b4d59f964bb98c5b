package client

import (
	"hash/maphash"
	"time"
)

const (
	// maxRecent is how many messages are remembered by their ids.
	maxRecent = 1000

	// recentAge is how long a message may come again: the server keeps messages for so long.
	recentAge = 5 * time.Minute
)

// recent remembers the last messages, as hashes of sender, channel and id: the server compares nothing else either, and two senders may use the
// same id. The zero value remembers nothing.
type recent struct {
	seed    maphash.Seed
	seen    []uint64 // a ring
	times   []int32  // seconds since start
	oldest  int
	start   time.Time
	compare time.Time // until then, messages are compared
}

// doubt begins to compare ids: after a change of epoch, numbers no longer show that a message comes again.
func (r *recent) doubt(now time.Time) { r.compare = now.Add(recentAge) }

// pass returns false if ids are compared and the message came within the last minutes. Otherwise it remembers the
// message.
func (r *recent) pass(m *Message, now time.Time) bool {
	if m.Seq == 0 || m.ID == "" {
		return true
	}
	if r.start.IsZero() {
		r.start, r.seed = now, maphash.MakeSeed()
	}
	key := maphash.Comparable(r.seed, [4]string{m.FromUserID, m.ToUserID, m.Topic, m.ID})
	second := int32(now.Sub(r.start) / time.Second)
	if now.Before(r.compare) {
		for i, seen := range r.seen {
			if seen == key && second-r.times[i] <= int32(recentAge/time.Second) {
				return false
			}
		}
	}
	r.add(key, second)
	return true
}

func (r *recent) add(key uint64, second int32) {
	if len(r.seen) < maxRecent {
		r.seen, r.times = append(r.seen, key), append(r.times, second)
		return
	}
	r.seen[r.oldest], r.times[r.oldest] = key, second
	r.oldest = (r.oldest + 1) % maxRecent
}
