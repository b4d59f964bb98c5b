package cache

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"momentum/server/directory"
)

func TestCloseAnswersEveryAsker(t *testing.T) {
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

func TestAUserForgottenDuringAQueryIsAskedForAgain(t *testing.T) {
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
