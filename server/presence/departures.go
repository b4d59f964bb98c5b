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

// departures appends to dst up to limit users of the shard who have left: their last connections went Grace ago, and
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
		s.present.remove(u)
		s.left.push(u, u.leftAt)
		dst = append(dst, Person{u.ID, u.name})
	}
	return dst
}

// forget drops the entries of users who left so long ago that they are kept no longer. If a shard has more of them than
// are looked at under one hold of its lock, the next tick goes on.
func (h *Hub) forget(elapsed time.Duration) {
	for i := range h.shards {
		h.shards[i].forget(elapsed-h.keep, entriesAtOnce)
	}
}

// forget drops up to limit entries of users who left by the given time.
func (s *shard) forget(before time.Duration, limit int) {
	s.Lock()
	defer s.Unlock()
	for range limit {
		u := s.left.pop(before)
		if u == nil {
			break
		}
		s.look(1)
		delete(s.users, u.ID)
	}
}
