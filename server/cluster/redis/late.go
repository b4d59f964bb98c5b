package redis

import (
	"time"

	"momentum/server/cluster"
)

// lateAge is how long a late answer is used; the next round after that frees it. Usually the node asks again for a channel within a second.
const lateAge = 4 * cluster.JoinPatience

// late keeps the messages that were read for Joins that expired during the read. The node asks again, and then only later messages are
// read. Without it, a node that needs longer than cluster.JoinPatience for all missed messages of a channel would read the same ones
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
	at    time.Time
}

// newLate returns one that has room for the longest answer that a history allows: see subscriber.limit.
func newLate(h *History) late {
	return late{limit: 2 * (max(h.Bytes, h.BroadcastBytes) + messageBytes*max(h.Messages, h.BroadcastMessages))}
}

// begin forgets the answers that are too old, or that another attachment has read.
func (l *late) begin(a *attachment, now time.Time) {
	if a != l.attachment {
		*l = late{attachment: a, answers: make(map[cluster.Channel]lateAnswer), limit: l.limit}
	}
	for c, one := range l.answers {
		if now.Sub(one.at) > lateAge {
			l.remove(c)
		}
	}
}

// keep keeps the messages of an answer. If there is no room, those that took longer to read stay: the new ones, or all others.
func (l *late) keep(j cluster.Joined, after uint64, now time.Time) {
	l.remove(j.Channel)
	size := joinedBytes(j)
	if len(j.Kept) == 0 || size > l.limit || l.bytes+size > l.limit && size < l.bytes {
		return
	}
	if l.bytes+size > l.limit {
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

// complete adds the messages that are here to an answer with those that follow them, and drops the oldest above a limit of
// bytes, but not the last one.
func (l *late) complete(j *cluster.Joined, a cluster.Arrival, limit int) {
	if l.after(a) == a.After {
		return
	}
	one := l.answers[a.Channel]
	if l.remove(a.Channel); j.Seq-uint64(len(j.Kept)) != one.Seq {
		return // not all that follow are kept any more
	}
	kept := append(one.Kept, j.Kept...)
	first := len(kept)
	for bytes := 0; first > 0 && kept[first-1].Seq > a.After; first-- {
		if bytes += len(kept[first-1].JSON); bytes > limit && first < len(kept) {
			break
		}
	}
	j.Kept = kept[first:]
	j.Bounded = (one.Bounded || first > 0) && (len(j.Kept) == 0 || j.Kept[0].Seq > a.After+1)
}

// joinedBytes returns how many bytes an answer holds.
func joinedBytes(j cluster.Joined) int {
	size := messageBytes
	for _, d := range j.Kept {
		size += messageBytes + len(d.JSON)
	}
	return size
}
