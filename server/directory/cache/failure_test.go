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

func TestDeadSourceIsNotHammered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := people(20_000)
		source.err = errors.New("connection refused")
		c := open(t, source)
		var l listener
		const span = 60
		for i := range span * 100 { // a hundred a second
			c.Ask(person(i).ID, soon(), &l)
			pass(10 * time.Millisecond)
		}
		if n := source.queries(); n < span/2 || n > 2*span {
			t.Errorf("%d queries in %d s to a source that is dead", n, span)
		}
		if source.most > 1 {
			t.Errorf("%d queries at once to a source that fails", source.most)
		}
		if err := c.Healthy(); !errors.Is(err, source.err) {
			t.Errorf("healthy, or for another reason: %v", err)
		}
	})
}

func TestRecoveryNeedsNobodyToAsk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := people(1)
		source.err = errors.New("connection refused")
		c := open(t, source)
		var l listener
		c.Ask(person(0).ID, soon(), &l)
		pass(time.Minute)
		if _, err := l.one(t); !errors.Is(err, ErrLate) || c.Healthy() == nil {
			t.Fatalf("told %v, healthy %v", err, c.Healthy())
		}
		source.set(func(f *fakeSource) { f.err = nil })
		pass(lastBackoff + time.Second)
		if err := c.Healthy(); err != nil {
			t.Errorf("the source is back, nobody asks, and: %v", err)
		}
	})
}

func TestShortAbsenceIsWaitedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := people(1)
		source.err = errors.New("restarting")
		c := open(t, source)
		var l listener
		c.Ask(person(0).ID, soon(), &l)
		pass(time.Second)
		source.set(func(f *fakeSource) { f.err = nil })
		pass(3 * time.Second)
		if u, err := l.one(t); err != nil || u.Standing != directory.Active {
			t.Errorf("%v, %v", u, err)
		}
	})
}

func TestHungQueryEndsAndIsAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := people(1)
		source.delay = time.Hour
		c := open(t, source)
		var l listener
		c.Ask(person(0).ID, soon(), &l)
		pass(time.Second)
		source.set(func(f *fakeSource) { f.delay = time.Millisecond })
		pass(DefaultTimeout)
		if u, err := l.one(t); err != nil || u.Standing != directory.Active {
			t.Errorf("%v, %v", u, err)
		}
	})
}

func TestForgottenWhileUnderWayIsAskedAgain(t *testing.T) {
	for name, forget := range map[string]func(*Cache){
		"one": func(c *Cache) { c.Forget(person(0).ID) },
		"all": (*Cache).ForgetAll,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				source := people(1)
				source.delay = 100 * time.Millisecond
				c := open(t, source)
				var l listener
				c.Ask(person(0).ID, soon(), &l)
				pass(50 * time.Millisecond) // the source has looked, and says Active
				source.set(func(f *fakeSource) { clear(f.users) })
				forget(c)
				pass(time.Second)
				if u, err := l.one(t); err != nil || u.Standing != directory.Unknown {
					t.Errorf("told %v, %v: what was looked up before it was forgotten", u, err)
				}
				if u, fresh := c.Recall(person(0).ID); !fresh || u.Standing != directory.Unknown {
					t.Errorf("remembers %v, %v", u, fresh)
				}
			})
		})
	}
}

func TestForgottenIsNotRecalled(t *testing.T) {
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

// TestEveryQuestionHasOneAnswer has many ask at once, with deadlines about as long as the source takes, while it
// fails now and then and users are forgotten.
func TestEveryQuestionHasOneAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const askers, questions = 8, 5000 // ten seconds of them, for an outage may keep the cache away from the source for two
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
		if len(c.inquiries)+c.queue.Len()+len(c.deadlines)+c.flights != 0 {
			t.Errorf("left: %d inquiries, %d queued, %d deadlines, %d flights", len(c.inquiries), c.queue.Len(), len(c.deadlines), c.flights)
		}
	})
}
