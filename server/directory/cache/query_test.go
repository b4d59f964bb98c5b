package cache

import (
	"testing"
	"testing/synctest"
	"time"

	"momentum/server/directory"
)

func TestLookupsAtTheSameTimeShareAQuery(t *testing.T) {
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

func TestAStormCostsTensOfQueries(t *testing.T) {
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
		if l.count() != storm || source.queries() > 60 || source.most > DefaultQueries {
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

// TestASlowStormCosts25QueriesASecond makes users connect as fast as a rate limiter or a busy generator lets them,
// and then one more, alone.
func TestASlowStormCosts25QueriesASecond(t *testing.T) {
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
				t.Errorf("a lookup alone after a storm waits %v", took)
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

// TestTheTTLCountsFromTheStartOfTheQuery: the database may have been read as early as that.
func TestTheTTLCountsFromTheStartOfTheQuery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := people(0)
		source.delay = DefaultTimeout - time.Millisecond
		c := open(t, source)
		var l listener
		for i := range 100 {
			c.Ask(person(i).ID, soon(), &l)
		}
		pass(calmWindow + refusedTTL)
		for i := range 100 {
			if _, fresh := c.Recall(person(i).ID); fresh {
				t.Fatalf("%d is remembered for longer than %v after its query", i, refusedTTL)
			}
		}
		if l.count() != 100 {
			t.Errorf("%d answers", l.count())
		}
	})
}
