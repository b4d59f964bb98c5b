package redis

import (
	"time"

	"momentum/server/cluster"
)

// lateAge is how long a late answer is kept. The node asks again for a channel within a second.
const lateAge = 4 * cluster.JoinPatience

// late keeps the answers to Joins that expired while Redis was read for them. The node asks again, and then only later messages are read.
// Without it, a node that needs longer than cluster.JoinPatience for all missed messages of a channel would read the same ones
// again and again, and never have them.
type late struct {
	attachment *attachment // which the answers are from
	answers    map[cluster.Channel]lateAnswer
	bytes      int
	limit      int // of bytes
}

type lateAnswer struct {
	cluster.Joined
	after uint64 // the messages that follow this number were read
	read  time.Time
}

// begin forgets the answers that are too old, or that another attachment has read. There are few: a round's, at most.
func (l *late) begin(a *attachment, now time.Time) {
	if a != l.attachment {
		*l = late{attachment: a, answers: make(map[cluster.Channel]lateAnswer), limit: l.limit}
	}
	for c, one := range l.answers {
		if now.Sub(one.read) > lateAge {
			l.remove(c)
		}
	}
}

// keep keeps an answer. If the limit is exceeded, it forgets all others.
func (l *late) keep(j cluster.Joined, after uint64, now time.Time) {
	size := joinedBytes(j)
	if l.remove(j.Channel); l.bytes+size > l.limit {
		clear(l.answers)
		l.bytes = 0
	}
	l.answers[j.Channel] = lateAnswer{j, after, now}
	l.bytes += size
}

func (l *late) remove(c cluster.Channel) {
	if one, ok := l.answers[c]; ok {
		l.bytes -= joinedBytes(one.Joined)
		delete(l.answers, c)
	}
}

// after returns the number from which on Redis has to be read for a Join: messages up to it are here, or the node has them.
func (l *late) after(a cluster.Arrival) uint64 {
	if one, ok := l.answers[a.Channel]; ok && a.After != cluster.None && a.After >= one.after && a.After < one.Seq {
		return one.Seq
	}
	return a.After
}

// complete adds the messages that are here to an answer with those that follow them.
func (l *late) complete(j *cluster.Joined, a cluster.Arrival) {
	if l.after(a) == a.After {
		return
	}
	one := l.answers[a.Channel]
	if l.remove(a.Channel); j.Seq-uint64(len(j.Kept)) != one.Seq {
		return // not all that follow are kept any more
	}
	earlier := one.Kept
	for len(earlier) > 0 && earlier[0].Seq <= a.After {
		earlier = earlier[1:]
	}
	j.Kept, j.Bounded = append(earlier, j.Kept...), one.Bounded && (len(earlier) == 0 || earlier[0].Seq > a.After+1)
}

// joinedBytes returns how many bytes an answer holds.
func joinedBytes(j cluster.Joined) int {
	size := messageBytes
	for _, d := range j.Kept {
		size += messageBytes + len(d.JSON)
	}
	return size
}
