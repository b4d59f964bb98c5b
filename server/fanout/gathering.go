package fanout

// A pass over many members takes much longer than a short wait, and all that is posted during the wait shares the writes of
// the pass. So a pass over GatherFrom members or more does not begin at once, unless its segment is full: it begins when the
// segment's oldest frame has waited for a hundredth of the time that the pass takes at 10 µs a write, and for at most
// maxGathering. Few members, and messages for one member, do not wait.

const (
	// GatherFrom is the number of members from which on a pass waits.
	GatherFrom = 1000

	membersPerMicrosecond = 10
	maxGathering          = 200 // microseconds
)

// gathering knows the logs that wait, for one turn.
type gathering struct {
	now  uint32 // the caller's clock in microseconds; 0: no log waits
	next uint32 // when the first of the logs that wait is due; 0: none waits
	logs int    // that wait
}

// waits reports whether the pass of a log's first segment must not begin yet.
func (g *gathering) waits(l *log, members int) bool {
	if g.now == 0 || members < GatherFrom || l.head != l.tail {
		return false
	}
	due := max(1, l.head.posted+uint32(min(members/membersPerMicrosecond, maxGathering)))
	if !before(g.now, due) {
		return false
	}
	if g.logs++; g.next == 0 || before(due, g.next) {
		g.next = due
	}
	return true
}
