package netpoll

// backlog is the connections of a reactor that have bytes queued. A socket does not report that it has taken the last of
// them, so the reactor looks at each such connection repeatedly. On a node with few slow readers all are looked at in each
// tick; during a broadcast they may be all the connections there are, so a tick looks at a share of them, and a turn at a
// bounded number.
//
// Each look at a connection and each end of one corrects the sums, so they never need a look at all of them.
type backlog struct {
	handles []Handle // some may name connections that have ended since
	next    int      // the index that is looked at next
	looks   int      // that this tick still has to make
	bytes   int      // queued, as of the last look at each connection
	conns   int      // with bytes queued, likewise
}

func (b *backlog) add(h Handle) {
	b.handles = append(b.handles, h)
	b.conns++
}

// plan starts a tick's looks: each connection has one in backlogLapTicks, and in each tick if one turn can look at all. Looks
// that the last tick has left are not made up for, so a reactor that is too busy takes longer.
func (b *backlog) plan() {
	if len(b.handles) > 0 {
		b.looks = max(backlogBudget, (len(b.handles)+backlogLapTicks-1)/backlogLapTicks)
	}
}

// dropNext removes the connection that would be looked at next, in O(1). The last one, which has not been looked at either,
// takes its place.
func (b *backlog) dropNext() {
	last := len(b.handles) - 1
	b.handles[b.next] = b.handles[last]
	b.handles = b.handles[:last]
}
