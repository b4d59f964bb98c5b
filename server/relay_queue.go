package server

import (
	"container/list"

	"momentum/server/cluster"
)

// channelQueue has channels, each once, in the order in which they were added. There may be a million, and the relay's lock is held, so no
// call copies them. The zero value is empty.
type channelQueue struct {
	places map[cluster.Channel]*list.Element
	order  list.List
}

func (q *channelQueue) len() int { return len(q.places) }

// add adds a channel to the end, unless the queue has it.
func (q *channelQueue) add(c cluster.Channel) {
	if q.places[c] != nil {
		return
	}
	if q.places == nil {
		q.places = make(map[cluster.Channel]*list.Element)
	}
	q.places[c] = q.order.PushBack(c)
}

// remove removes a channel, if the queue has it.
func (q *channelQueue) remove(c cluster.Channel) {
	place := q.places[c]
	if place == nil {
		return
	}
	q.order.Remove(place)
	if delete(q.places, c); len(q.places) == 0 {
		*q = channelQueue{}
	}
}

// next takes the first channel. It returns false if the queue is empty.
func (q *channelQueue) next() (c cluster.Channel, ok bool) {
	place := q.order.Front()
	if place == nil {
		return c, false
	}
	c = place.Value.(cluster.Channel)
	q.remove(c)
	return c, true
}
