package cache

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"momentum/netpoll/netpolltest"
)

func TestAnswersAreRememberedForTheirTTL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := people(1)
		c := open(t, source)
		active, unknown := person(0).ID, person(1).ID
		var l listener
		c.Ask(active, soon(), &l)
		c.Ask(unknown, soon(), &l)
		pass(time.Second)
		if _, fresh := c.Recall(unknown); !fresh {
			t.Error("a refusal is not remembered at all")
		}
		pass(refusedTTL - time.Second)
		if _, fresh := c.Recall(unknown); fresh {
			t.Errorf("a refusal is remembered for longer than %v", refusedTTL)
		}
		pass(DefaultTTL*(ttlJitter-1)/ttlJitter - refusedTTL - time.Millisecond)
		if _, fresh := c.Recall(active); !fresh {
			t.Error("an active user is forgotten before the TTL less its jitter")
		}
		source.set(func(f *fakeSource) { f.err = errors.New("gone") })
		pass(DefaultTTL / ttlJitter)
		if _, fresh := c.Recall(active); fresh {
			t.Errorf("an active user is remembered for longer than %v", DefaultTTL)
		}
		var late listener
		c.Ask(active, time.Now().Add(time.Second), &late)
		pass(time.Second)
		if _, err := late.one(t); !errors.Is(err, ErrLate) {
			t.Errorf("what is too old was answered, with the source away: %v", err)
		}
	})
}

func TestMemoryIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const size = 4 * shardCount
		source := people(20 * size)
		c := open(t, source, func(o *Options) { o.Size = size })
		var l listener
		for i := range 20 * size {
			c.Ask(person(i).ID, soon(), &l)
			if i%(size/2) == 0 {
				pass(100 * time.Millisecond)
				if _, fresh := c.Recall(person(0).ID); !fresh { // used again and again, so it must stay
					t.Fatalf("forgotten after %d others", i)
				}
			}
		}
		pass(time.Second)
		if n := c.Stats().Remembered; n != size {
			t.Errorf("%d remembered, want %d", n, size)
		}
	})
}

func TestForgottenUsersAreNotRecalled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := people(200)
		c := open(t, source)
		var l listener
		for i := range 200 {
			c.Ask(person(i).ID, soon(), &l)
		}
		pass(time.Second)
		for i := range 100 {
			c.Forget(person(i).ID)
		}
		for i := range 200 {
			if _, fresh := c.Recall(person(i).ID); fresh != (i >= 100) {
				t.Errorf("%d fresh: %v", i, fresh)
			}
		}
		c.ForgetAll()
		if n := c.Stats().Remembered; n != 0 {
			t.Errorf("%d remembered", n)
		}
	})
}

// TestTheDateDoesNotMatterToMemory sets the host's date back and forward: a user is remembered for the same time.
func TestTheDateDoesNotMatterToMemory(t *testing.T) {
	for _, shift := range []time.Duration{-time.Hour, time.Hour} {
		var clock netpolltest.Clock
		c := &Cache{started: clock.Now(), memory: newMemory(DefaultSize)}
		u, now := person(0), c.elapsed(clock.Now())
		c.memory.keep(u, now, now+time.Minute)
		clock.ShiftDate(shift)
		if _, fresh := c.memory.recall(u.ID, c.elapsed(clock.Now())); !fresh {
			t.Errorf("the date was set by %v: a user is forgotten early", shift)
		}
		clock.Pass(time.Minute)
		if _, fresh := c.memory.recall(u.ID, c.elapsed(clock.Now())); fresh {
			t.Errorf("the date was set by %v: a user is remembered for too long", shift)
		}
	}
}
