package cache

import (
	"testing"
	"time"

	"momentum/netpoll/netpolltest"
)

// TestTheDateDoesNotMatterToMemory sets the host's date back and forward: a user is remembered for the same time.
func TestTheDateDoesNotMatterToMemory(t *testing.T) {
	for _, shift := range []time.Duration{-time.Hour, time.Hour} {
		var clock netpolltest.Clock
		m := newMemory(DefaultSize, clock.Now())
		u := person(1)
		m.keep(u, clock.Now(), clock.Now().Add(time.Minute))
		clock.ShiftDate(shift)
		if _, fresh := m.recall(u.ID, clock.Now()); !fresh {
			t.Errorf("the date was set by %v: a user is forgotten early", shift)
		}
		clock.Pass(time.Minute)
		if _, fresh := m.recall(u.ID, clock.Now()); fresh {
			t.Errorf("the date was set by %v: a user is remembered for too long", shift)
		}
	}
}
