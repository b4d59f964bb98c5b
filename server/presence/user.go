package presence

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"momentum/netpoll"
	"momentum/server/history"
)

// User is a user's entry in the hub. All but the ID belongs to the lock of the user's shard: outside the hub, only the
// function that With calls may use it.
type User struct {
	ID      uuid.UUID       // it never changes
	Directs history.Channel // the messages to this user alone

	name       string
	In         history.Membership // of Directs, if the node is in a cluster
	creditFull uint32             // tick at which the messages of the connections that have ended are paid for

	// While online.
	first  netpoll.Handle // most users have one connection: it needs no list
	others *handles       // nil until there is another
	since  int64          // when the first of the present connections came, in Unix milliseconds, for people to see

	// While not.
	leftAt     time.Duration // when the last connection went
	queue      *queue        // the shard's away or left; nil while online
	next, prev *User         // in the queue
}

// Online reports whether the user has a connection.
func (u *User) Online() bool { return u.first != 0 }

// Name returns the name that the user's last connection came with.
func (u *User) Name() string { return u.name }

// Connections yields the handles of the user's connections.
func (u *User) Connections(yield func(netpoll.Handle) bool) {
	if u.first == 0 || !yield(u.first) || u.others == nil {
		return
	}
	for _, c := range u.others.list {
		if !yield(c) {
			return
		}
	}
}

// connections returns how many there are.
func (u *User) connections() int {
	switch {
	case u.first == 0:
		return 0
	case u.others == nil:
		return 1
	}
	return 1 + len(u.others.list)
}

func (u *User) has(c netpoll.Handle) bool {
	return u.first == c || u.others != nil && u.others.find(c) >= 0
}

// add adds a connection to those of a user that is online.
func (u *User) add(c netpoll.Handle) {
	if u.others == nil {
		u.others = new(handles)
	}
	u.others.add(c)
}

// remove removes a connection and reports whether the user had it.
func (u *User) remove(c netpoll.Handle) bool {
	switch {
	case u.first != c:
		return u.others != nil && u.others.remove(c)
	case u.connections() == 1:
		u.first, u.others = 0, nil
	default:
		u.first = u.others.last()
		u.others.remove(u.first)
	}
	return true
}

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
