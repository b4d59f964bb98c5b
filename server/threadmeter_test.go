package server

import (
	"testing"
	"time"
)

// TestTheTimeOfAThreadCountsWhileAReactorKeepsIt: the time in which the reactor changes its thread is not counted.
func TestTheTimeOfAThreadCountsWhileAReactorKeepsIt(t *testing.T) {
	thread, used := 1, time.Duration(0)
	w := newWorld(t, 1, func(o *Options) {
		o.Reactors = 1
		o.Thread = func() (int, time.Duration) { used += 100 * time.Millisecond; return thread, used }
	})
	w.join("alice")
	c := &w.server.counters[0]
	advance := func() (processor, watched time.Duration) {
		before, from := c.Processor.Load(), c.Watched.Load()
		w.net.Advance(10 * time.Second)
		return time.Duration(c.Processor.Load() - before), time.Duration(c.Watched.Load() - from)
	}
	advance()
	processor, watched := advance()
	if watched < 8*time.Second || watched > 11*time.Second || processor < time.Second/2 {
		t.Errorf("%v in %v on one thread", processor, watched)
	}
	thread, used = 2, time.Hour
	if processor, watched := advance(); watched < 7*time.Second || watched > 10*time.Second || processor > 10*time.Second {
		t.Errorf("%v in %v with a change of the thread", processor, watched)
	}
	used = 0
	if processor, watched := advance(); watched < 7*time.Second || watched > 10*time.Second || processor < 0 || processor > 10*time.Second {
		t.Errorf("%v in %v with a new thread that has the id of the last one", processor, watched)
	}
}
