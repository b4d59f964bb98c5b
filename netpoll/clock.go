package netpoll

import "time"

// Moment is a time of the node's clock in microseconds, small enough to be kept with each connection and each post. It
// wraps around every 71 minutes, which is longer than anything that is measured with it. 0 means never.
type Moment uint32

// Since returns the time from an earlier moment to this one.
func (m Moment) Since(earlier Moment) time.Duration {
	return time.Duration(m-earlier) * time.Microsecond
}

func momentOf(elapsed time.Duration) Moment {
	return max(1, Moment(uint32(elapsed/time.Microsecond)))
}

// clock measures the time since the group was made. Any goroutine may read it.
type clock struct {
	now   func() time.Time
	start time.Time
}

func startClock(now func() time.Time) clock { return clock{now: now, start: now()} }

func (c clock) elapsed() time.Duration { return c.now().Sub(c.start) }

// tickOf returns an elapsed time in ticks.
func tickOf(elapsed time.Duration) uint32 { return uint32(elapsed / TickLength) }

// reading is the time of a reactor's current turn or read. It belongs to the reactor.
type reading struct {
	clock
	tick   uint32 // since the group was made
	time   time.Time
	moment Moment
}

// readClock is called wherever a driver calls a reactor. After a stall of the process a read may come before the turn that
// advances the wheel, and must not count as of before the stall.
func (r *reading) readClock() (elapsed time.Duration) {
	r.time = r.now()
	elapsed = r.time.Sub(r.start)
	r.moment = momentOf(elapsed)
	if now := tickOf(elapsed); int32(now-r.tick) > 0 {
		r.tick = now
	}
	return elapsed
}
