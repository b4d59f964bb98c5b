package main

import "time"

// sleepCheck is the time between two looks at the clock, and the shortest sleep of the machine that matters.
const sleepCheck = 5 * time.Second

// sleepWatch notices that the machine was suspended: the date goes on meanwhile, and the monotonic clock does not.
type sleepWatch struct{ last time.Time }

// slept reports whether the machine has slept since the last call.
func (w *sleepWatch) slept(now time.Time) bool {
	last := w.last
	w.last = now
	return isSleep(now.Round(0).Sub(last.Round(0)), now.Sub(last))
}

// isSleep compares how far the date and the monotonic clock have gone.
func isSleep(date, clock time.Duration) bool { return date-clock > sleepCheck }
