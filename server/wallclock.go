package server

import "time"

// Timeouts are measured with the monotonic clock. The dates in tokens and the ends of bans and revocations are times of
// day, and are compared with the wall clock.

// wallWatch notices when the wall clock has got ahead of the monotonic one: the host was suspended, or its clock was
// set.
type wallWatch struct {
	lead time.Duration // how far it was ahead when look last returned a jump
}

// look returns how far the wall clock has got ahead since its last result, if that is at least a wallJump, and
// otherwise 0. Its arguments are the times since a common beginning by each clock.
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
