package redis

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/uuid"

	"momentum/internal/redistest"
	"momentum/server/cluster"
)

func TestAMessageToAnUnknownChannelIsNotKept(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	p := healthy(t, s.URL(), user(1))
	p.say(user(2), "lost")
	p.say(cluster.TopicOf("nobody's"), "lost, too")
	for _, text := range []string{"lost", "lost, too"} {
		if o := p.outcome(text); !errors.Is(o.Err, cluster.ErrUnknown) || o.Stored || o.Seq != 0 {
			t.Errorf("%+v", o)
		}
	}
	if keys := s.Do(t, "KEYS", "*:s:*"); len(keys.([]any)) != 1 {
		t.Errorf("Redis has the counters %v", keys)
	}
	if keys := s.Do(t, "KEYS", "*:h:*"); len(keys.([]any)) != 0 {
		t.Errorf("Redis has the lists %v", keys)
	}
}

func TestABroadcastNeedsNoCounter(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	p := healthy(t, s.URL())
	p.say(broadcast, "a")
	if o := p.outcome("a"); o.Err != nil || o.Nodes != 0 || !o.Stored || o.Seq == 0 {
		t.Errorf("%+v", o)
	}
}

func TestARepeatedMessageIsPublishedOnce(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	p := healthy(t, s.URL(), user(1), broadcast)
	for _, to := range []cluster.Channel{user(1), broadcast} {
		for i := range 2 {
			m := cluster.Message{To: to, JSON: []byte("once"), Once: cluster.Once{Sender: uuid.UUID{1}, ID: []byte("7")}, Ref: fmt.Sprint(to, i)}
			p.Publish(m)
		}
		first, second := p.outcome(fmt.Sprint(to, 0)), p.outcome(fmt.Sprint(to, 1))
		if second.Seq != first.Seq || second.Nodes != 1 || !second.Stored || first.Nodes != 1 || second.Err != nil {
			t.Errorf("first %+v, then %+v", first, second)
		}
		p.say(to, "end"+fmt.Sprint(to))
		if o := p.outcome("end" + fmt.Sprint(to)); o.Seq != first.Seq+1 {
			t.Errorf("the next message has the number %d after %d", o.Seq, first.Seq)
		}
	}
	if got := p.awaitTexts(4); got[0] != "once" || got[2] != "once" {
		t.Errorf("%q", got)
	}
}

func TestBundledMessagesHaveNumbersInARow(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	p := healthy(t, s.URL(), broadcast)
	first := p.after[broadcast]
	for i := range 1000 {
		p.say(broadcast, fmt.Sprint(i))
	}
	p.awaitTexts(1000)
	for i := range 1000 {
		if o := p.outcome(fmt.Sprint(i)); o.Seq != first+uint64(i)+1 || p.got[i].seq != o.Seq || p.got[i].json != fmt.Sprint(i) {
			t.Fatalf("message %d: %+v, delivered as %+v", i, o, p.got[i])
		}
	}
	if f := p.Figures(); f.Batches > 500 {
		t.Errorf("%d batches: nothing was bundled", f.Batches)
	}
}
