package cache

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"momentum/server/directory"
)

func TestAFailingSourceIsAskedSeldom(t *testing.T) {
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

func TestARecoveryIsFoundWithoutLookups(t *testing.T) {
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

func TestLookupsOutlastAShortOutage(t *testing.T) {
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

func TestAQueryThatHangsIsEndedAndRepeated(t *testing.T) {
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
