package cache

import (
	"sync"
	"time"

	"github.com/google/uuid"

	"momentum/server/directory"
)

// memory holds recent answers of the directory, in shards. The lock of a shard is held for one access to its map. It
// is safe for concurrent use. Its times count from the start of the cache.
type memory struct {
	shards [shardCount]shard
}

// shard is a clock in the sense of page replacement: entries stand in a ring, and a hand goes round to find one that
// has not been used since it last came by.
type shard struct {
	mu    sync.Mutex
	size  int                  // at most
	where map[uuid.UUID]uint32 // index in ring
	ring  []entry
	hand  int
}

// entry is the answer about one user, and its end.
type entry struct {
	user  directory.User
	until time.Duration
	used  bool // since the hand came by
}

func newMemory(size int) *memory {
	m := &memory{}
	for i := range m.shards {
		m.shards[i].size = max(size/shardCount, 1)
		m.shards[i].where = make(map[uuid.UUID]uint32)
	}
	return m
}

// of returns the user's shard. The last byte of a UUID is random in every version but 1 and 2.
func (m *memory) of(id uuid.UUID) *shard { return &m.shards[id[15]&(shardCount-1)] }

// recall returns a remembered user, unless the entry is too old.
func (m *memory) recall(id uuid.UUID, now time.Duration) (directory.User, bool) {
	s := m.of(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	i, ok := s.where[id]
	if !ok || s.ring[i].until <= now {
		return directory.User{}, false
	}
	s.ring[i].used = true
	return s.ring[i].user, true
}

// keep remembers a user until a time.
func (m *memory) keep(u directory.User, now, until time.Duration) {
	s := m.of(u.ID)
	s.mu.Lock()
	defer s.mu.Unlock()
	i, ok := s.where[u.ID]
	if !ok {
		i = s.room(now)
		s.where[u.ID] = i
	}
	s.ring[i] = entry{user: u, until: until}
}

// room returns the index of a free entry. If there is none, it takes one that is not in use.
func (s *shard) room(now time.Duration) uint32 {
	if len(s.ring) < s.size {
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

// forgetAll drops all users, and frees the memory they took.
func (m *memory) forgetAll() {
	for i := range m.shards {
		s := &m.shards[i]
		s.mu.Lock()
		s.where, s.ring, s.hand = make(map[uuid.UUID]uint32), nil, 0
		s.mu.Unlock()
	}
}

// size counts the entries, including those that are too old.
func (m *memory) size() (n int) {
	for i := range m.shards {
		s := &m.shards[i]
		s.mu.Lock()
		n += len(s.ring)
		s.mu.Unlock()
	}
	return n
}
