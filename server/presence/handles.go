package presence

import (
	"slices"

	"momentum/netpoll"
)

// handles is a set of connections. What it costs to add or remove one does not grow with their number.
type handles struct {
	list []netpoll.Handle
	at   map[netpoll.Handle]int // index in list, once there have been more than fewConnections
}

func (s *handles) last() netpoll.Handle { return s.list[len(s.list)-1] }

func (s *handles) add(c netpoll.Handle) {
	s.list = append(s.list, c)
	switch {
	case s.at != nil:
		s.at[c] = len(s.list) - 1
	case len(s.list) > fewConnections:
		s.at = make(map[netpoll.Handle]int, 2*len(s.list))
		for i, c := range s.list {
			s.at[c] = i
		}
	}
}

// find returns the index of a connection in list, or -1.
func (s *handles) find(c netpoll.Handle) int {
	if s.at == nil {
		return slices.Index(s.list, c)
	}
	if i, ok := s.at[c]; ok {
		return i
	}
	return -1
}

// remove moves the last connection into the place of the one that is removed. It reports whether that one was there.
func (s *handles) remove(c netpoll.Handle) bool {
	i := s.find(c)
	if i < 0 {
		return false
	}
	moved := s.last()
	s.list[i] = moved
	s.list = s.list[:len(s.list)-1]
	if s.at != nil {
		s.at[moved] = i
		delete(s.at, c)
	}
	return true
}
