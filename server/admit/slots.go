package admit

import "sync/atomic"

// Slots limits the users' connections of a node, those being admitted among them. A slot is taken before a token is looked
// at, so that a full node refuses for next to nothing. Any goroutine may use it.
type Slots struct {
	taken atomic.Int64
	limit atomic.Int64
}

// SetLimit sets how many there are.
func (s *Slots) SetLimit(slots int) { s.limit.Store(int64(slots)) }

// Take takes a slot, if one is free.
func (s *Slots) Take() bool {
	if s.taken.Add(1) > s.limit.Load() {
		s.taken.Add(-1)
		return false
	}
	return true
}

// Give gives a slot back.
func (s *Slots) Give() { s.taken.Add(-1) }

// Taken returns how many are taken.
func (s *Slots) Taken() int { return int(s.taken.Load()) }

// Full says whether none is free.
func (s *Slots) Full() bool { return s.taken.Load() >= s.limit.Load() }
