package server

import (
	"momentum/netpoll"
	"momentum/server/stats"
)

// capacity says whether the reactors take more messages.
type capacity struct {
	group    *netpoll.Group
	counters stats.Node
}

// forMany reports whether a reactor may be given one more message for many: neither do too many bytes wait,
// nor has one message waited for too long.
func (r capacity) forMany(reactor int) bool {
	c := &r.counters[reactor]
	since := c.WaitsSince.Load()
	late := since != 0 && r.group.Moment().Since(netpoll.Moment(since)) > backlogTime
	return !late && c.Waits.Load() <= backlogBytes && r.group.HasRoom(reactor)
}

// on reports whether each reactor that is concerned may be given one more message for many.
func (r capacity) on(concerned func(reactor int) bool) bool {
	for reactor := range r.group.Reactors() {
		if concerned(reactor) && !r.forMany(reactor) {
			return false
		}
	}
	return true
}

// forOne reports whether a reactor may be given one more message for a single connection.
func (r capacity) forOne(reactor int) bool {
	return r.counters[reactor].Queued.Load() <= backlogBytes && r.group.HasRoom(reactor)
}
