package netpoll

import (
	"sync/atomic"
	"time"
)

// Moment is a time of the node's clock in microseconds, small enough to be kept with each connection and each post. It
// wraps around every 71 minutes, past all that is measured with it. 0 is never.
type Moment uint32

// Since returns the time from an earlier moment to this one.
func (m Moment) Since(earlier Moment) time.Duration {
	return time.Duration(m-earlier) * time.Microsecond
}

func momentOf(elapsed time.Duration) Moment {
	return max(1, Moment(uint32(elapsed/time.Microsecond)))
}

// Moment returns the time of the current turn or read.
func (r *Reactor) Moment() Moment { return r.moment }

// Moment reads the clock. Any goroutine may call it.
func (g *Group) Moment() Moment { return momentOf(g.elapsed()) }

func (g *Group) elapsed() time.Duration { return g.options.Now().Sub(g.start) }

// figures is what is known of a reactor's work from outside; only the reactor writes it, but for due.
type figures struct {
	due    atomic.Int64  // when the ticker asked for a turn that has not come, in ns since the start, and one; 0: none
	sent   atomic.Uint64 // bytes taken by sockets
	behind atomic.Int64  // connections with bytes queued in user space, as of the last tick
}

// Due is Wake for the ticker: how late the turn comes is measured. Any goroutine may call it.
func (r *Reactor) Due() {
	r.figures.due.CompareAndSwap(0, 1+int64(r.group.elapsed()))
	r.Wake()
}

// meetDue tells how late a turn is that the ticker has asked for. All others cost one load.
func (r *Reactor) meetDue() {
	if due := r.figures.due.Load(); due != 0 {
		r.figures.due.Store(0)
		r.group.options.OnLag(r.index, r.group.elapsed()-time.Duration(due-1))
	}
}

// Stuck returns for how long the reactor that has kept the ticker waiting longest has done so: a turn's time on a
// node that is well.
func (g *Group) Stuck() (longest time.Duration) {
	now := g.elapsed()
	for _, r := range g.reactors {
		if due := r.figures.due.Load(); due != 0 {
			longest = max(longest, now-time.Duration(due-1))
		}
	}
	return longest
}

// Sent returns the bytes that sockets have taken since the start.
func (g *Group) Sent() (sum uint64) {
	for _, r := range g.reactors {
		sum += r.figures.sent.Load()
	}
	return sum
}

// Behind returns how many connections have bytes queued in user space, as of the last tick.
func (g *Group) Behind() (sum int64) {
	for _, r := range g.reactors {
		sum += r.figures.behind.Load()
	}
	return sum
}
