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
