package netpoll

import (
	"os"
	"runtime"
)

// SpareProcessor gives Go's scheduler one processor more than there are reactors, unless GOMAXPROCS is set in the
// environment. Without a spare one, the scheduler's monitor takes the processor from each reactor that is in a system call
// for more than 20 µs, and looks for such calls 50,000 times a second. With an idle processor it waits for 10 ms, and sleeps.
// (Go 1.26, runtime/proc.go, retake; docs/PERFORMANCE.md has the figures.)
func SpareProcessor(reactors int) {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(reactors + 1)
	}
}

// WantYield has the driver let other goroutines run after the present read. A goroutine that the handler has given work to then runs
// at once, on the reactor's processor. Otherwise Go's scheduler wakes up another thread for it, which takes some 60 µs on an idle host.
func (r *Reactor) WantYield() { r.yields = true }

// TakeYield reports whether the handler has called WantYield since the last call. The driver asks after each read.
func (r *Reactor) TakeYield() bool {
	yields := r.yields
	r.yields = false
	return yields
}

// slice is the time slice that Go's scheduler counts for a reactor. It does not end by itself: a system call of the reactor finds
// its processor again, and the slice goes on. After 10 ms of it the monitor signals the reactor, or takes its processor if it is in
// a system call. After each such event the monitor looks every 20 µs, for some milliseconds.
type slice struct {
	began Moment
}

// endIfLong lets another slice begin after sliceLength.
func (s *slice) endIfLong(now Moment) {
	if now.Since(s.began) >= sliceLength {
		s.began = now
		runtime.Gosched()
	}
}
