package cache

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"momentum/server/directory"
)

func TestOneQueryForAllWhoAskTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := people(10)
		c := open(t, source)
		listeners := make([]listener, 30)
		for i := range listeners {
			c.Ask(person(i%15).ID, soon(), &listeners[i]) // 0 to 9 exist; each is asked for twice
		}
		pass(calmWindow + source.delay)
		for i := range listeners {
			u, err := listeners[i].one(t)
			if want := person(i % 15); err != nil || u.ID != want.ID || (u.Standing == directory.Active) != (i%15 < 10) {
				t.Errorf("asker %d was told %v, %v", i, u, err)
			}
		}
		if got := source.batches; len(got) != 1 || got[0] != 15 {
			t.Errorf("queries for %v users, want one for 15", got)
		}
		for i := range 15 {
			if u, fresh := c.Recall(person(i).ID); !fresh || (u.Standing == directory.Unknown) != (i >= 10) {
				t.Errorf("%d is remembered as %v, fresh %v", i, u, fresh)
			}
		}
	})
}

func TestStormIsTensOfQueries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const storm = 20_000
		source := people(storm)
		c := open(t, source)
		var l listener
		for i := range storm { // 10,000 a second
			c.Ask(person(i).ID, soon(), &l)
			if i%10 == 9 {
				pass(time.Millisecond)
			}
		}
		pass(time.Second)
		if l.count() != storm || source.queries() > 60 || source.most > DefaultFlights {
			t.Errorf("%d answers to %d, with %d queries, %d at once", l.count(), storm, source.queries(), source.most)
		}
		before := source.queries()
		for i := range storm {
			c.Ask(person(i).ID, soon(), &l)
		}
		synctest.Wait()
		if l.count() != 2*storm || source.queries() != before {
			t.Errorf("those who were here lately: %d answers, %d queries; want %d and none", l.count()-storm, source.queries()-before, storm)
		}
	})
}

// TestSlowStormIsNoStormOfQueries has users come as fast as a gate or a busy generator lets them, and then one alone.
func TestSlowStormIsNoStormOfQueries(t *testing.T) {
	for _, rate := range []int{1000, 3000} {
		synctest.Test(t, func(t *testing.T) {
			const seconds = 5
			source := people(rate * seconds)
			c := open(t, source)
			var l listener
			for i := range rate * seconds {
				c.Ask(person(i).ID, soon(), &l)
				if i%(rate/1000) == 0 {
					pass(time.Millisecond)
				}
			}
			pass(time.Second)
			if n := source.queries(); l.count() != rate*seconds || n > 30*seconds {
				t.Errorf("%d a second: %d queries in %d seconds, want some 25 in each", rate, n, seconds)
			}
			var alone listener
			start := time.Now()
			c.Ask(person(rate*seconds).ID, soon(), &alone)
			pass(time.Second)
			if took := alone.at[0].Sub(start); took != calmWindow+source.delay {
				t.Errorf("who comes alone behind a storm waits %v", took)
			}
		})
	}
}

func TestBatchesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := people(0)
		c := open(t, source)
		var l listener
		for i := range 3*MaxBatch + 1 {
			c.Ask(person(i).ID, soon(), &l)
		}
		pass(time.Second)
		total := 0
		for _, n := range source.batches {
			total += n
			if n > MaxBatch {
				t.Errorf("a query for %d users", n)
			}
		}
		if total != 3*MaxBatch+1 || l.count() != total {
			t.Errorf("%d users asked for, %d answers", total, l.count())
		}
	})
}

func TestWhatIsTooOldIsNotUsed(t *testing.T) {
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

func TestAnswerComesByItsDeadline(t *testing.T) {
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

func TestFullAnswersAtOnce(t *testing.T) {
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
				if _, fresh := c.Recall(person(0).ID); !fresh { // asked for again and again, and so not the one to go
					t.Fatalf("forgotten behind %d others", i)
				}
			}
		}
		pass(time.Second)
		if n := c.Stats().Remembered; n != size {
			t.Errorf("%d remembered, want %d", n, size)
		}
	})
}

func TestCloseAnswersWhoeverWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := people(2)
		source.delay = time.Hour
		c := open(t, source)
		var flying, queued, after listener
		c.Ask(person(0).ID, soon(), &flying)
		pass(10 * time.Millisecond)
		c.Ask(person(1).ID, soon(), &queued)
		c.Close()
		c.Ask(person(1).ID, soon(), &after)
		for _, l := range []*listener{&flying, &queued, &after} {
			if _, err := l.one(t); !errors.Is(err, ErrClosed) {
				t.Error(err)
			}
		}
	})
}
