package redis

import (
	"fmt"
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

// TestOneAnswerHasChannelsOfAllKinds has a node that lacks nothing, one message, all of them, or messages that are gone, ask for many channels
// at once.
func TestOneAnswerHasChannelsOfAllKinds(t *testing.T) {
	t.Parallel()
	const kinds, said = 6, 3
	s := redistest.Start(t)
	var all []cluster.Channel
	for n := range byte(5 * kinds) {
		all = append(all, user(n))
	}
	p := healthy(t, s.URL(), all...)
	base := make(map[cluster.Channel]uint64)
	for i, c := range all {
		base[c] = p.last(c).Seq
		for k := range said {
			p.say(c, fmt.Sprintf("%d of %d", k, i))
		}
	}
	for i := range all {
		p.outcome(fmt.Sprintf("%d of %d", said-1, i))
	}
	lacks := []int{0, 1, said, said, said, 1}
	for i := range all {
		switch i % kinds {
		case 3:
			s.Do(t, "DEL", "mo:s:"+userName(byte(i)))
		case 4, 5:
			s.Do(t, "DEL", "mo:h:"+userName(byte(i)))
		}
	}
	before := len(p.joined)
	for i, c := range all {
		p.Join(cluster.Arrival{Channel: c, After: base[c] + said - uint64(lacks[i%kinds]), Again: true})
	}
	p.await("answers", func() bool { return len(p.joined) == before+len(all) })
	for i, c := range all {
		j, want := p.last(c), lacks[i%kinds]
		if i%kinds >= 3 {
			want = 0
		}
		if j.Err != nil || len(j.Kept) != want || j.Bounded || i%kinds != 3 && j.Seq != base[c]+said {
			t.Errorf("channel %d: %+v, and not %d messages up to %d", i, j, want, base[c]+said)
		}
		for k, d := range j.Kept {
			if text := fmt.Sprintf("%d of %d", said-want+k, i); string(d.JSON) != text {
				t.Errorf("channel %d: %q, not %q", i, d.JSON, text)
			}
		}
	}
}
