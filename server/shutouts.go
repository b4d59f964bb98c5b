package server

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// shutOuts remembers who was shut out lately, for the handshakes that were under way at that moment: what the
// directory has said of a user by then may be of before. Turns count them, so that no two clocks are compared; one
// that began later is the directory's to judge.
type shutOuts struct {
	turn  atomic.Uint64 // how many there have been
	mu    sync.Mutex
	users map[uuid.UUID]shutOut
	all   uint64 // the last turn at which there were too many to remember
}

type shutOut struct {
	turn uint64
	at   time.Time
}

// note remembers a user for as long as a handshake may take.
func (o *shutOuts) note(id uuid.UUID, now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	turn := o.turn.Load() + 1
	if len(o.users) >= mostShutOut {
		for other, s := range o.users {
			if now.Sub(s.at) > HandshakeTimeout {
				delete(o.users, other)
			}
		}
	}
	if o.users == nil || len(o.users) >= mostShutOut {
		o.users = make(map[uuid.UUID]shutOut)
		o.all = turn - 1
	}
	o.users[id] = shutOut{turn, now}
	o.turn.Store(turn)
}

// since says whether the user was shut out behind the turn, or that so many were that it is not known.
func (o *shutOuts) since(turn uint64, id uuid.UUID) (out, unknown bool) {
	if o.turn.Load() == turn {
		return false, false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.users[id].turn > turn, o.all > turn
}
