package presence

import (
	"time"

	"github.com/google/uuid"
)

// Person is a user as messages about presence name them.
type Person struct {
	ID   uuid.UUID
	Name string
}

// departures appends to dst up to limit users of the shard that have left: their last connections went Grace ago, and
// they have not come back.
func (s *shard) departures(elapsed time.Duration, limit int, dst []Person) []Person {
	s.Lock()
	defer s.Unlock()
	for range limit {
		u := s.away.pop(elapsed - Grace)
		if u == nil {
			break
		}
		s.look(1)
		s.present.Remove(u)
		s.left.push(u, u.leftAt)
		dst = append(dst, Person{u.ID, u.name})
	}
	return dst
}

// forget drops the entries of users that left so long ago that they are kept no longer. If a shard has more of them than
// are looked at under one hold of its lock, the next tick goes on.
func (h *Hub) forget(elapsed time.Duration) {
	for i := range h.shards {
		h.shards[i].forget(elapsed-h.keep, entriesAtOnce)
		h.shards[i].expire(elapsed)
	}
}

// forget drops up to limit entries of users that left by the given time.
func (s *shard) forget(before time.Duration, limit int) {
	s.Lock()
	defer s.Unlock()
	for range limit {
		u := s.left.pop(before)
		if u == nil {
			break
		}
		s.look(1)
		s.directs.Forget(&u.Directs)
		delete(s.users, u.ID)
	}
}

// expire frees direct messages that are too old, of users to whom nothing was sent since.
func (s *shard) expire(elapsed time.Duration) {
	s.Lock()
	defer s.Unlock()
	s.directs.Expire(elapsed, entriesAtOnce)
}

// queue holds users in the order in which their last connections went. A user is in at most one queue, and is removed
// from it when it comes back.
type queue struct {
	first, last *User
	size        int
}

// push appends a user that went at the given time. Reactors read the clock at moments of their own: a time before that
// of the last user in the queue counts as that time, so that the queue stays ordered.
func (q *queue) push(u *User, at time.Duration) {
	u.leftAt, u.queue, u.prev = at, q, q.last
	if q.last == nil {
		q.first = u
	} else {
		u.leftAt = max(at, q.last.leftAt)
		q.last.next = u
	}
	q.last = u
	q.size++
}

func (q *queue) remove(u *User) {
	if u.prev == nil {
		q.first = u.next
	} else {
		u.prev.next = u.next
	}
	if u.next == nil {
		q.last = u.prev
	} else {
		u.next.prev = u.prev
	}
	u.queue, u.next, u.prev = nil, nil, nil
	q.size--
}

// pop removes and returns the first user if it went at the given time or before, or else returns nil.
func (q *queue) pop(before time.Duration) *User {
	u := q.first
	if u == nil || u.leftAt > before {
		return nil
	}
	q.remove(u)
	return u
}
