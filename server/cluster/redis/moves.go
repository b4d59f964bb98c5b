package redis

import (
	"sync"

	"github.com/google/uuid"

	"momentum/server/cluster"
)

// Limits of moves: the moves that may wait, and the moves that one step takes.
const (
	maxMoves    = 1 << 17
	movesAtOnce = 1000
)

// move is a Move that waits, or that Redis has or has not executed.
type move struct {
	cluster.Move
	repeated bool // it may have been executed
	silent   bool // nobody is told
}

// moves are the moves that wait for the keeper: the last one of each user. If there are too many, all are dropped, and the node has to
// enroll its users anew.
type moves struct {
	mu       sync.Mutex
	waiting  map[uuid.UUID]move
	order    []uuid.UUID // of those that wait; an id that does not wait any more is skipped
	overflow bool
	silent   bool     // of moves with Again
	retired  []string // numbers of this node that are swept when no move waits
}

// add adds a move, and reports whether the keeper has to look: it does not wait for others yet, or has a whole call now.
func (m *moves) add(one cluster.Move) (look bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, waits := m.waiting[one.User]; waits && one.Again {
		return false
	}
	before := len(m.waiting)
	m.put(move{Move: one, silent: one.Again && m.silent})
	return before == 0 || len(m.waiting) == movesPerCall && before < movesPerCall || m.overflow
}

func (m *moves) put(one move) {
	if len(m.waiting) >= maxMoves {
		m.waiting, m.order, m.overflow = nil, nil, true
	}
	if m.waiting == nil {
		m.waiting = make(map[uuid.UUID]move)
	}
	if _, waits := m.waiting[one.User]; !waits {
		m.order = append(m.order, one.User)
	}
	m.waiting[one.User] = one
}

// count returns how many moves wait.
func (m *moves) count() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.waiting)
}

// take takes some moves, in the order of the users: whole calls, if there are enough.
func (m *moves) take() (list []move) {
	m.mu.Lock()
	defer m.mu.Unlock()
	most := min(len(m.order), movesAtOnce)
	if most > movesPerCall {
		most -= most % movesPerCall
	}
	n := 0
	for ; n < len(m.order) && len(list) < most; n++ {
		list = append(list, m.waiting[m.order[n]])
		delete(m.waiting, m.order[n])
	}
	if m.order = m.order[n:]; len(m.order) == 0 {
		m.order = nil
	}
	return list
}

// restore takes back moves whose outcome is unknown, unless there are later ones.
func (m *moves) restore(list []move) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, one := range list {
		if _, waits := m.waiting[one.User]; !waits {
			one.repeated = true
			m.put(one)
		}
	}
}

// overflowed reports once whether moves were dropped.
func (m *moves) overflowed() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	was := m.overflow
	m.overflow = false
	return was
}

// enroll begins an enrollment of all users.
func (m *moves) enroll(silent bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.silent = silent
}

// retire has a former number of this node swept once all users are enrolled.
func (m *moves) retire(number string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.retired = append(m.retired, number)
}

// nextRetired returns a number to sweep, if no move waits.
func (m *moves) nextRetired() (number string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.waiting) > 0 || len(m.retired) == 0 {
		return ""
	}
	number, m.retired = m.retired[0], m.retired[1:]
	return number
}
