package presence

import (
	"errors"
	"fmt"

	"github.com/google/uuid"

	"momentum/server/history"
)

// Audit counts the connections that the hub knows, and reports what is wrong with its entries. It looks at some of them
// at a time, so on a hub that changes meanwhile it may report a difference that is gone a moment later.
func (h *Hub) Audit() (connections int, err error) {
	online := 0
	for i := range h.shards {
		users, of, fault := h.shards[i].audit()
		online, connections, err = online+users, connections+of, errors.Join(err, fault)
	}
	if counted := h.Online(); counted != online {
		err = errors.Join(err, fmt.Errorf("%d users online are counted as %d", online, counted))
	}
	return connections, err
}

func (s *shard) audit() (online, connections int, err error) {
	present := 0
	for after, more := uuid.Nil, true; more; {
		after, more = s.visit(after, entriesAtOnce, func(u *User) {
			present++
			connections += u.connections()
			if u.Online() {
				online++
			}
			if away := u.queue == &s.away; away == u.Online() || s.users[u.ID] != u {
				err = fmt.Errorf("user %v is neither online nor away", u.ID)
			}
		})
	}
	err = errors.Join(err, s.auditDirects())
	s.Lock()
	defer s.Unlock()
	if all := len(s.users); all != present+s.left.size || present != online+s.away.size {
		err = errors.Join(err, fmt.Errorf("%d entries: %d users online, %d away, %d who have left", all, online, s.away.size, s.left.size))
	}
	return online, connections, err
}

// auditDirects compares the memory of the direct messages with what is counted.
func (s *shard) auditDirects() error {
	var sum history.Sum
	for more := true; more; {
		s.Lock()
		more = sum.Add(&s.directs, entriesAtOnce)
		s.Unlock()
	}
	return sum.Fault()
}
