package cache

import (
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"momentum/server/directory"
)

func TestEveryAskerIsAnsweredByItsDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := people(2)
		source.delay = time.Hour // it hangs
		c := open(t, source)
		start := time.Now()
		var first, second, passed listener
		c.Ask(person(0).ID, start.Add(300*time.Millisecond), &first)
		c.Ask(person(0).ID, start.Add(100*time.Millisecond), &second)
		c.Ask(person(1).ID, start, &passed)
		if _, err := passed.one(t); !errors.Is(err, ErrLate) {
			t.Errorf("a deadline that has passed: %v", err)
		}
		pass(time.Second)
		for l, want := range map[*listener]time.Duration{&first: 300 * time.Millisecond, &second: 100 * time.Millisecond} {
			if u, err := l.one(t); !errors.Is(err, ErrLate) || u.ID != person(0).ID || l.at[0].Sub(start) != want {
				t.Errorf("told %v, %v after %v; want ErrLate after %v", u, err, l.at[0].Sub(start), want)
			}
		}
		if s := c.Stats(); s.Waiting != 0 || s.Late != 3 {
			t.Errorf("%+v", s)
		}
	})
}

func TestLookupsAboveTheBoundAreAnsweredAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := people(0)
		source.delay = time.Hour
		c := open(t, source)
		var waiting, refused listener
		for i := range maxWaiting {
			c.Ask(person(i).ID, soon(), &waiting)
		}
		c.Ask(person(1).ID, soon(), &refused)
		if _, err := refused.one(t); !errors.Is(err, ErrFull) || waiting.count() != 0 {
			t.Errorf("one too many was told %v; %d others were answered", err, waiting.count())
		}
		pass(time.Until(soon()))
		if waiting.count() != maxWaiting {
			t.Errorf("%d answers to %d", waiting.count(), maxWaiting)
		}
	})
}

// TestEveryAskerIsAnsweredOnce makes many lookups at once, with deadlines about as long as the source takes. Now and
// then the source fails, and users are forgotten.
func TestEveryAskerIsAnsweredOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const askers, questions = 8, 5000 // ten seconds of them: an outage may keep the cache from the source for two
		source := people(50)
		c := open(t, source)
		listeners := make([][]listener, askers)
		var all sync.WaitGroup
		for a := range askers {
			listeners[a] = make([]listener, questions)
			all.Go(func() {
				random := rand.New(rand.NewPCG(uint64(a), 9))
				for q := range questions {
					c.Ask(person(random.IntN(100)).ID, time.Now().Add(time.Duration(random.IntN(60))*time.Millisecond), &listeners[a][q])
					switch random.IntN(40) {
					case 0:
						c.ForgetAll()
					case 1, 2, 3, 4:
						c.Forget(person(random.IntN(100)).ID)
					case 5:
						source.set(func(f *fakeSource) { f.err = errors.New("away") })
					case 6, 7, 8, 9, 10, 11:
						source.set(func(f *fakeSource) { f.err, f.delay = nil, time.Duration(random.IntN(30))*time.Millisecond })
					}
					<-time.After(time.Duration(random.IntN(5)) * time.Millisecond)
				}
			})
		}
		all.Wait()
		source.set(func(f *fakeSource) { f.err = nil })
		pass(time.Minute)
		told := 0
		for a := range listeners {
			for q := range listeners[a] {
				u, err := listeners[a][q].one(t)
				if err == nil {
					told++
				} else if !errors.Is(err, ErrLate) || u.Standing != directory.Unknown {
					t.Errorf("told %v, %v", u, err)
				}
			}
		}
		if told == 0 || told == askers*questions || c.Stats().Failures == 0 {
			t.Errorf("%d of %d were told, %d queries failed: too easy or too hard", told, askers*questions, c.Stats().Failures)
		}
		if len(c.lookups)+c.queue.Len()+len(c.deadlines)+c.queries != 0 {
			t.Errorf("left: %d lookups, %d queued, %d deadlines, %d queries", len(c.lookups), c.queue.Len(), len(c.deadlines), c.queries)
		}
	})
}

// TestManyAskersOfOneUser holds that they are answered in batches, so that no lock is held for all of them.
func TestManyAskersOfOneUser(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const many = 3*MaxBatch + 1
		source := people(1)
		c := open(t, source)
		listeners := make([]listener, many)
		for i := range listeners {
			c.Ask(person(0).ID, soon(), &listeners[i])
		}
		c.mu.Lock()
		l := c.lookups[person(0).ID]
		c.mu.Unlock()
		if waiters, more := c.takeWaiters(l); len(waiters) != MaxBatch || !more {
			t.Errorf("a batch of %d, more %v", len(waiters), more)
		} else {
			answer(waiters, person(0), nil)
		}
		pass(time.Second)
		for i := range listeners {
			if u, err := listeners[i].one(t); err != nil || u.Standing != directory.Active {
				t.Fatalf("asker %d: %v, %v", i, u, err)
			}
		}
	})
}
