package netpoll

// chunkSlots is how many connections one allocation of the slab holds. More would waste memory on an almost idle node; fewer
// would give the garbage collector more objects.
const chunkSlots = 1024

// slab holds a reactor's connections by value. Slots never move, so a *Conn stays valid until its slot is released. Releasing
// a slot changes its generation, so that old handles no longer name a connection.
type slab struct {
	chunks [][]Conn
	free   []uint32 // released slots, the most recent last: it is used first, since it is likely to be in the cache
	used   int
}

// take returns a zeroed Conn with its slot and generation set, or nil when every slot is in use.
func (s *slab) take() *Conn {
	if len(s.free) == 0 && !s.grow() {
		return nil
	}
	s.used++
	return s.at(pop(&s.free))
}

func (s *slab) grow() bool {
	base := len(s.chunks) * chunkSlots
	if base+chunkSlots > maxSlots {
		return false
	}
	chunk := make([]Conn, chunkSlots)
	for i := range chunk {
		chunk[i].slot, chunk[i].gen = uint32(base+i), 1
	}
	s.chunks = append(s.chunks, chunk)
	for i := chunkSlots - 1; i >= 0; i-- {
		s.free = append(s.free, uint32(base+i))
	}
	return true
}

func (s *slab) at(slot uint32) *Conn { return &s.chunks[slot/chunkSlots][slot%chunkSlots] }

// find returns the connection that a handle names, or nil if it has been released.
func (s *slab) find(h Handle) *Conn {
	slot := h.slot()
	if int(slot/chunkSlots) >= len(s.chunks) {
		return nil
	}
	if c := s.at(slot); c.gen == h.gen() && c.state != stateFree {
		return c
	}
	return nil
}

func (s *slab) release(c *Conn) {
	gen := c.gen + 1
	if gen == 0 {
		gen = 1
	}
	*c = Conn{slot: c.slot, gen: gen}
	s.free = append(s.free, c.slot)
	s.used--
}

// pop removes and returns the last element of a list.
func pop[T any](list *[]T) T {
	last := (*list)[len(*list)-1]
	*list = (*list)[:len(*list)-1]
	return last
}
