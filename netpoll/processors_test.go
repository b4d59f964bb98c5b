package netpoll

import (
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

func TestOneProcessorIsSpareUnlessTheEnvironmentSaysHowMany(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	t.Setenv("GOMAXPROCS", "2")
	SpareProcessor(4)
	if n := runtime.GOMAXPROCS(0); n != 2 {
		t.Errorf("%d processors instead of those of the environment", n)
	}
	t.Setenv("GOMAXPROCS", "")
	SpareProcessor(4)
	if n := runtime.GOMAXPROCS(0); n != 5 {
		t.Errorf("%d processors for 4 reactors", n)
	}
}

// TestTheEndOfASliceLetsOthersRun has one processor. Go's scheduler may choose the same goroutine again, but not each time.
func TestTheEndOfASliceLetsOthersRun(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var ran atomic.Bool
	go ran.Store(true)
	var s slice
	for now := Moment(1); !ran.Load(); now += Moment(sliceLength / time.Microsecond) {
		if now > Moment(time.Second/time.Microsecond) {
			t.Fatal("no other goroutine has run in 200 slices")
		}
		s.endIfLong(now)
	}
}

// TestASliceEndsAfterItsLength, and the next one begins then.
func TestASliceEndsAfterItsLength(t *testing.T) {
	const length = Moment(sliceLength / time.Microsecond)
	s := slice{began: 1}
	for _, step := range []struct{ now, began Moment }{
		{length, 1}, {1 + length, 1 + length}, {2 * length, 1 + length}, {5 * length, 5 * length},
	} {
		if s.endIfLong(step.now); s.began != step.began {
			t.Errorf("at %d the slice is the one that began at %d, want %d", step.now, s.began, step.began)
		}
	}
}
