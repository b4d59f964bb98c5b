package server

import (
	"iter"
	"slices"

	"github.com/google/uuid"
)

// EachUserOnline goes through the ids of all users online, up to most at a time and in no order. It copies one of the
// hub's shards after another, so that no lock is held while a batch is looked at; who comes or goes meanwhile may be
// among them or not. A batch is the caller's only until the next one.
func (s *Server) EachUserOnline(most int) iter.Seq[[]uuid.UUID] {
	return func(yield func([]uuid.UUID) bool) {
		var ids []uuid.UUID
		for i := range s.hub.shards {
			ids = s.hub.shards[i].ids(ids[:0])
			for batch := range slices.Chunk(ids, max(1, most)) {
				if !yield(batch) {
					return
				}
			}
		}
	}
}

// ids appends the ids of the shard's users who are online.
func (s *hubShard) ids(dst []uuid.UUID) []uuid.UUID {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for id, u := range s.users {
		if u.first != 0 {
			dst = append(dst, id)
		}
	}
	return dst
}
