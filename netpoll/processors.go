package netpoll

import (
	"os"
	"runtime"
)

// SpareProcessor gives Go's scheduler one processor more than there are reactors, unless the environment says how
// many it has. With none to spare, its monitor takes the processor away from every reactor whose system call lasts
// past 20 µs, and looks for such 50,000 times a second; with one idle it leaves them alone for 10 ms and sleeps
// itself. (Go 1.26, runtime/proc.go, retake; docs/PERFORMANCE.md has what it comes to.)
func SpareProcessor(reactors int) {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(reactors + 1)
	}
}
