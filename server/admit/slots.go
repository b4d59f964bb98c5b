package admit

import "sync/atomic"

// Slots limits the connections of a node, including handshakes. A slot is taken before the token is checked, so that
// a full node refuses at little cost. Any goroutine may use it.
type Slots struct {
	taken atomic.Int64
	limit atomic.Int64
}

// SetLimit sets the number of slots.
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

// Taken returns the number of slots in use.
func (s *Slots) Taken() int { return int(s.taken.Load()) }

// Full reports whether no slot is free.
func (s *Slots) Full() bool { return s.taken.Load() >= s.limit.Load() }
