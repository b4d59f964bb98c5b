package redis

import (
	"testing"
	"time"

	"momentum/internal/redistest"
	"momentum/server/cluster"
)

// TestMessagesOlderThanTheAgeAreNotRead has a node whose clock is ahead read a list.
func TestMessagesOlderThanTheAgeAreNotRead(t *testing.T) {
	s := redistest.Start(t)
	p := healthy(t, s.URL(), user(1))
	base := p.last(user(1)).Seq
	p.say(user(1), "a")
	p.outcome("a")
	for ahead, want := range map[time.Duration]int{testHistory.Age / 2: 1, 2 * testHistory.Age: 0} {
		later := newPeer(t)
		b, err := New(Options{
			URL: s.URL(), Node: later, History: testHistory, Log: quiet, Seed: starts.Add(1),
			Now: func() time.Time { return time.Now().Add(ahead) },
		})
		if err != nil {
			t.Fatal(err)
		}
		later.Bus = b
		later.await("health", func() bool { return b.State() == cluster.Healthy })
		if j, texts := later.catchUp(user(1), base); len(texts) != want || j.Seq != base+1 || j.Bounded {
			t.Errorf("%v ahead: %q, %+v", ahead, texts, j)
		}
		b.Close()
	}
}

// TestAListThatOutlivesItsCounterHasAHole has a counter end before the messages that it numbered.
func TestAListThatOutlivesItsCounterHasAHole(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	p := healthy(t, s.URL(), user(1))
	p.say(user(1), "a")
	p.say(user(1), "b")
	before := p.outcome("a").Seq
	p.outcome("b")
	made := time.Now() // numbers count the seconds since the data were made
	p.await("another second", func() bool { return time.Since(made) > 1100*time.Millisecond })
	s.Do(t, "DEL", "mo:s:"+userName(1))
	if j, texts := p.catchUp(user(1), before); j.Seq < before+131_000 || len(texts) != 0 || j.Bounded {
		t.Errorf("%+v with %q, after the number %d", j, texts, before)
	}
	p.say(user(1), "c")
	o := p.outcome("c")
	if j, texts := p.catchUp(user(1), before); j.Seq != o.Seq || len(texts) != 1 || j.Kept[0].Seq != o.Seq {
		t.Errorf("%+v with %q; the last message has the number %d", j, texts, o.Seq)
	}
}
