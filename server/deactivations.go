package server

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// deactivations remembers which users were deactivated recently, for the handshakes that were under way at that
// moment: the directory may have answered them before the change. Deactivations are numbered, and the number of the
// last one is the epoch, so that no clocks are compared. A handshake that begins later gets a new answer from the
// directory.
type deactivations struct {
	epoch      atomic.Uint64
	mu         sync.Mutex
	users      map[uuid.UUID]deactivation
	overflowed uint64 // the last epoch with users that are not remembered
}

type deactivation struct {
	epoch uint64
	at    time.Time
}

// note remembers a user for at least as long as a handshake may take.
func (d *deactivations) note(id uuid.UUID, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	epoch := d.epoch.Load() + 1
	if len(d.users) >= maxDeactivations {
		for other, o := range d.users {
			if now.Sub(o.at) > HandshakeTimeout {
				delete(d.users, other)
			}
		}
	}
	if d.users == nil || len(d.users) >= maxDeactivations {
		d.users = make(map[uuid.UUID]deactivation)
		d.overflowed = epoch - 1
	}
	d.users[id] = deactivation{epoch, now}
	d.epoch.Store(epoch)
}

// since reports whether the user was deactivated after the epoch. unknown means that there were too many deactivations
// to remember all of them.
func (d *deactivations) since(epoch uint64, id uuid.UUID) (deactivated, unknown bool) {
	if d.epoch.Load() == epoch {
		return false, false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.users[id].epoch > epoch, d.overflowed > epoch
}
