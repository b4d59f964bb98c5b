package netpoll

import "time"

// WantTurnAfter causes a turn when d has passed, for work that waits for less than a tick. There is one such turn at a time, the
// earliest that was asked for: a handler whose work is not due in it asks again. It cannot be taken back.
func (r *Reactor) WantTurnAfter(d time.Duration) {
	d = max(d, 1)
	if at := r.elapsed() + d; r.turnAt == 0 || at < r.turnAt {
		r.turnAt = at
		r.driver.WakeAfter(d)
	}
}
