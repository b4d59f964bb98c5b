package serial

import (
	"runtime"
	"testing"
)

// recorder is a test that runs its cleanups when it is told to, and remembers whether it has failed.
type recorder struct {
	testing.TB
	cleanups []func()
	failed   bool
}

func (r *recorder) Helper()               {}
func (r *recorder) Cleanup(f func())      { r.cleanups = append(r.cleanups, f) }
func (r *recorder) Errorf(string, ...any) { r.failed = true }

func (r *recorder) end() {
	for _, f := range r.cleanups {
		f()
	}
}

func TestATestThatStartsGoroutinesIsNotSerial(t *testing.T) {
	for _, n := range []int{0, 2*runtime.GOMAXPROCS(0) + 2} {
		r := &recorder{TB: t}
		Test(r)
		done := make(chan bool)
		for range n {
			go func() { done <- true }()
			<-done
		}
		if r.end(); r.failed != (n > 0) {
			t.Errorf("with %d goroutines: failed is %v", n, r.failed)
		}
	}
}
