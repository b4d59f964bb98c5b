package server

import "github.com/google/uuid"

// EachUserOnline goes through the ids of all users online, in no order, until yield says false. It copies one of the
// hub's shards after another, so that no lock is held while one is looked at; who comes or goes meanwhile may be among
// them or not.
func (s *Server) EachUserOnline(yield func(user uuid.UUID) bool) {
	var ids []uuid.UUID
	for i := range s.hub.shards {
		ids = s.hub.shards[i].ids(ids[:0])
		for _, id := range ids {
			if !yield(id) {
				return
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
