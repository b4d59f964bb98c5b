package server

import "momentum/server/cluster"

// keepQueued is the number of places from which a channelQueue removes the places of channels that were removed from
// it.
const keepQueued = 64

// channelQueue has channels, each once, in the order in which they were added. The zero value is empty.
type channelQueue struct {
	has   map[cluster.Channel]struct{}
	order []cluster.Channel // some of these are not in the queue any more
}

func (q *channelQueue) len() int { return len(q.has) }

// add adds a channel to the end, unless the queue has it.
func (q *channelQueue) add(c cluster.Channel) {
	if _, has := q.has[c]; has {
		return
	}
	if q.has == nil {
		q.has = make(map[cluster.Channel]struct{})
	}
	q.has[c] = struct{}{}
	q.order = append(q.order, c)
}

// remove removes a channel, if the queue has it.
func (q *channelQueue) remove(c cluster.Channel) {
	if delete(q.has, c); len(q.order) > keepQueued+2*len(q.has) {
		q.sift()
	}
}

// sift drops the places of channels that the queue does not have. It keeps the first place of each.
func (q *channelQueue) sift() {
	kept, seen := make([]cluster.Channel, 0, len(q.has)), make(map[cluster.Channel]struct{}, len(q.has))
	for _, c := range q.order {
		_, has := q.has[c]
		if _, again := seen[c]; has && !again {
			seen[c] = struct{}{}
			kept = append(kept, c)
		}
	}
	q.order = kept
}

// next takes the first channel. It returns false if the queue is empty.
func (q *channelQueue) next() (c cluster.Channel, ok bool) {
	for len(q.has) > 0 && !ok {
		c, q.order = q.order[0], q.order[1:]
		_, ok = q.has[c]
		delete(q.has, c)
	}
	if len(q.has) == 0 {
		*q = channelQueue{}
	}
	return c, ok
}
