package server

import "time"

// Timeouts are measured with the monotonic clock. The dates in tokens and the ends of bans and revocations are times of
// day, and are compared with the wall clock.

// wallWatch notices when the wall clock has got ahead of the monotonic one: the host was suspended, or somebody has set
// its clock.
type wallWatch struct {
	lead time.Duration // how far it was ahead when that was last acted on
}

// look returns by how much the wall clock has got ahead since that was last returned, once that is a wallJump. It is
// given what has passed since a common beginning by each clock.
func (w *wallWatch) look(monotonic, wall time.Duration) (jump time.Duration) {
	lead := wall - monotonic
	switch {
	case lead < w.lead: // the wall clock was set back; the next jump is counted from there
		w.lead = lead
	case lead >= w.lead+wallJump:
		jump = lead - w.lead
		w.lead = lead
	}
	return jump
}
