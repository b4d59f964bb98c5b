// Package serial marks tests that the race detector does not see.
package serial

import (
	"runtime"
	"runtime/metrics"
	"testing"
)

// Test marks a test that runs our code on one goroutine. The race detector has nothing to find in it and makes it twenty times
// as long, so "make test-race" runs it without. The test fails if our code starts goroutines; a subtest, which is one, calls Test
// itself. The runtime may start some of its own meanwhile, at most two for each processor and one more.
func Test(t testing.TB) {
	t.Helper()
	before, limit := started(), uint64(2*runtime.GOMAXPROCS(0)+1)
	t.Cleanup(func() {
		if n := started() - before; n > limit {
			t.Errorf("a serial test has started %d goroutines: run it with the race detector", n)
		}
	})
}

// started returns how many goroutines the program has started.
func started() uint64 {
	samples := []metrics.Sample{{Name: "/sched/goroutines-created:goroutines"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64()
}
