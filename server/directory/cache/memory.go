package cache

import (
	"sync"
	"time"

	"github.com/google/uuid"

	"momentum/server/directory"
)

// memory is what the directory said lately, in shards with a lock each that is held for a look at the map and no
// longer. Any goroutine may use it.
type memory struct {
	made   time.Time // times are counted from here, so that no change of the host's date affects them
	shards [shardCount]shard
}

// shard is a clock in the sense of page replacement: entries stand in a ring, and a hand goes round to find one
// that nobody has asked for since it last came by.
type shard struct {
	mu    sync.Mutex
	most  int
	where map[uuid.UUID]uint32 // index in ring
	ring  []entry
	hand  int
}

// entry is what is known of one user, and until when.
type entry struct {
	user  directory.User
	until time.Duration // since the memory was made
	used  bool          // asked for since the hand came by
}

func newMemory(size int, now time.Time) *memory {
	m := &memory{made: now}
	for i := range m.shards {
		m.shards[i].most = max(size/shardCount, 1)
		m.shards[i].where = make(map[uuid.UUID]uint32)
	}
	return m
}

// of returns the user's shard. The last byte of a UUID is random in every version but 1 and 2.
func (m *memory) of(id uuid.UUID) *shard { return &m.shards[id[15]&(shardCount-1)] }

// recall returns what is known of a user, unless it is too old.
func (m *memory) recall(id uuid.UUID, now time.Time) (directory.User, bool) {
	s := m.of(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	i, ok := s.where[id]
	if !ok || s.ring[i].until <= now.Sub(m.made) {
		return directory.User{}, false
	}
	s.ring[i].used = true
	return s.ring[i].user, true
}

// keep remembers a user until a time.
func (m *memory) keep(u directory.User, now, until time.Time) {
	s := m.of(u.ID)
	s.mu.Lock()
	defer s.mu.Unlock()
	i, ok := s.where[u.ID]
	if !ok {
		i = s.room(now.Sub(m.made))
		s.where[u.ID] = i
	}
	s.ring[i] = entry{user: u, until: until.Sub(m.made)}
}

// room returns the index of an entry that is free, having made it so if need be.
func (s *shard) room(now time.Duration) uint32 {
	if len(s.ring) < s.most {
		s.ring = append(s.ring, entry{})
		return uint32(len(s.ring) - 1)
	}
	for range evictionSteps {
		e := &s.ring[s.hand]
		if !e.used || e.until <= now {
			break
		}
		e.used = false
		s.hand = (s.hand + 1) % len(s.ring)
	}
	taken := s.hand
	s.hand = (s.hand + 1) % len(s.ring)
	delete(s.where, s.ring[taken].user.ID)
	return uint32(taken)
}

// forget drops a user.
func (m *memory) forget(id uuid.UUID) {
	s := m.of(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	i, ok := s.where[id]
	if !ok {
		return
	}
	last := len(s.ring) - 1
	if int(i) != last {
		s.ring[i] = s.ring[last]
		s.where[s.ring[i].user.ID] = i
	}
	s.ring[last] = entry{}
	s.ring = s.ring[:last]
	delete(s.where, id)
	if s.hand >= len(s.ring) {
		s.hand = 0
	}
}

// forgetAll drops everybody, and the memory they took.
func (m *memory) forgetAll() {
	for i := range m.shards {
		s := &m.shards[i]
		s.mu.Lock()
		s.where, s.ring, s.hand = make(map[uuid.UUID]uint32), nil, 0
		s.mu.Unlock()
	}
}

// size returns how many are remembered, too old ones among them.
func (m *memory) size() (n int) {
	for i := range m.shards {
		s := &m.shards[i]
		s.mu.Lock()
		n += len(s.ring)
		s.mu.Unlock()
	}
	return n
}
