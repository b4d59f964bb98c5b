package netpoll

import (
	"testing"
	"time"
)

func TestMomentsWrapAround(t *testing.T) {
	const wrap = time.Microsecond << 32
	if got := momentOf(wrap + time.Second).Since(momentOf(wrap - time.Second)); got != 2*time.Second {
		t.Errorf("two seconds across the wrap are %v", got)
	}
	if momentOf(0) == 0 || momentOf(wrap) == 0 {
		t.Error("a moment equals never")
	}
}

// TestTicksDoNotGoBack: a tick that is seen again would fire deadlines early.
func TestTicksDoNotGoBack(t *testing.T) {
	now := time.Unix(1000, 0)
	r := reading{clock: startClock(func() time.Time { return now })}
	now = now.Add(10*TickLength + TickLength/2)
	if elapsed := r.readClock(); elapsed != 10*TickLength+TickLength/2 || r.tick != 10 {
		t.Errorf("tick %d after %v", r.tick, elapsed)
	}
	now = now.Add(-5 * TickLength)
	if r.readClock(); r.tick != 10 {
		t.Errorf("tick %d after the clock was set back", r.tick)
	}
}
