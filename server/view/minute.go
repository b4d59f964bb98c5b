package view

import (
	"momentum/server/reason"
)

// minute counts the ends of sessions in the last minute, by reason.
type minute struct {
	last [minuteSteps][reason.Count]uint32
	next int
	sums [reason.Count]uint64
}

// add takes the ends of a step.
func (m *minute) add(step *[reason.Count]uint64) {
	slot := &m.last[m.next]
	m.next = (m.next + 1) % len(m.last)
	for r := range slot {
		m.sums[r] += step[r] - uint64(slot[r])
		slot[r] = uint32(step[r])
	}
}

// closes lists the reasons that there were, the most frequent first.
func (m *minute) closes() []Close {
	all := []Close{}
	for r, n := range m.sums {
		if n == 0 {
			continue
		}
		why := reason.Reason(r)
		c := Close{Reason: why.String(), Count: n, Again: why.Again()}
		if why != reason.ClosedByPeer && why != reason.ClosedProtocol { // these have several codes
			c.Code = int(why.Code())
		}
		at := len(all)
		for at > 0 && all[at-1].Count < n {
			at--
		}
		all = append(all[:at], append([]Close{c}, all[at:]...)...)
	}
	return all
}
