package redis

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"momentum/internal/redistest"
	"momentum/server/cluster"
)

// TestWhatWasReadTooLateIsNotReadAgain has Redis answer a Join after it has expired. The next one gets the same messages, though Redis
// has them no more.
func TestWhatWasReadTooLateIsNotReadAgain(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	proxy, address := through(t, s)
	p, other := healthy(t, address), healthy(t, s.URL(), broadcast)
	for i := range 20 {
		other.say(broadcast, fmt.Sprint(i))
	}
	last := other.outcome("19").Seq
	other.awaitTexts(20)
	proxy.Delay(redistest.ToClient, time.Second) // of the subscription, and of the read after it
	a := cluster.Arrival{Channel: broadcast, After: last - 10}
	p.Join(a)
	p.await("an expired join", func() bool { return len(p.joined) == 1 && p.joined[0].Err != nil })
	if figures := p.Figures(); figures.JoinTrips != 2 {
		t.Fatalf("%+v", figures) // the messages are on their way
	}
	s.Do(t, "DEL", "mo:h")
	proxy.Pass(redistest.ToClient)
	p.Join(a)
	p.await("an answer", func() bool { return len(p.joined) == 2 })
	if got := p.texts(); p.joined[1].Err != nil || !slices.Equal(got, other.texts()[10:]) {
		t.Errorf("%+v, and the node got %q", p.joined[1], got)
	}
}

// lateOf returns the answer of Redis to a read after a number: the messages from first on.
func lateOf(first, seq uint64, bounded bool) cluster.Joined {
	j := cluster.Joined{Channel: broadcast, Seq: seq, Bounded: bounded}
	for n := first; n <= seq; n++ {
		j.Kept = append(j.Kept, cluster.Delivery{Channel: broadcast, Seq: n, JSON: []byte("text")})
	}
	return j
}

func TestALateAnswerIsCompleted(t *testing.T) {
	const after = 100
	for name, c := range map[string]struct {
		late    cluster.Joined // to a read after the number 100
		asked   uint64         // by the next Join
		reads   uint64         // after which number
		then    cluster.Joined // the answer to that
		first   uint64         // the first message that the node gets
		bounded bool
	}{
		"nothing new":            {lateOf(101, 110, false), after, 110, lateOf(111, 110, false), 101, false},
		"later messages":         {lateOf(101, 110, false), after, 110, lateOf(111, 115, false), 101, false},
		"some came meanwhile":    {lateOf(101, 110, false), 105, 110, lateOf(111, 115, false), 106, false},
		"all came meanwhile":     {lateOf(101, 110, false), 110, 110, lateOf(111, 115, false), 111, false},
		"earlier messages":       {lateOf(101, 110, false), 99, 99, lateOf(100, 115, false), 100, false},
		"no messages":            {lateOf(101, 110, false), cluster.None, cluster.None, lateOf(116, 115, false), 116, false},
		"was bounded":            {lateOf(104, 110, true), after, 110, lateOf(111, 115, false), 104, true},
		"was bounded before":     {lateOf(104, 110, true), 103, 110, lateOf(111, 115, false), 104, false},
		"is bounded by now":      {lateOf(101, 110, false), after, 110, lateOf(113, 115, true), 113, true},
		"another data set":       {lateOf(101, 110, false), after, 110, lateOf(5, 4, false), 5, false},
		"nothing is kept of all": {lateOf(101, 110, false), after, 110, lateOf(116, 115, true), 116, true},
	} {
		l := late{limit: 1 << 20}
		l.begin(new(attachment), time.Time{})
		l.keep(c.late, after, time.Time{})
		a := cluster.Arrival{Channel: broadcast, After: c.asked}
		reads, j := l.after(a), c.then
		l.complete(&j, a)
		first := j.Seq + 1
		if len(j.Kept) > 0 {
			first = j.Kept[0].Seq
		}
		if reads != c.reads || first != c.first || len(j.Kept) != int(j.Seq+1-first) || j.Bounded != c.bounded {
			t.Errorf("%s: reads after %d; %d messages from %d to %d, bounded %v", name, reads, len(j.Kept), first, j.Seq, j.Bounded)
		}
	}
}

func TestLateAnswersAreBounded(t *testing.T) {
	now := time.Unix(1, 0)
	one := lateOf(1, 10, false)
	size := joinedBytes(one)
	keep := func(l *late, n byte) {
		one.Channel = user(n)
		l.keep(one, 0, now)
	}
	l := late{limit: 3 * size}
	l.begin(new(attachment), now)
	for n := range byte(3) {
		keep(&l, n)
		keep(&l, n)
	}
	if len(l.answers) != 3 || l.bytes != 3*size {
		t.Errorf("%d answers, %d bytes", len(l.answers), l.bytes)
	}
	if keep(&l, 3); len(l.answers) != 1 || l.bytes != size {
		t.Errorf("above the limit: %d answers, %d bytes", len(l.answers), l.bytes)
	}
	if l.begin(l.attachment, now.Add(lateAge)); len(l.answers) != 1 {
		t.Error("forgotten too early")
	}
	if l.begin(l.attachment, now.Add(lateAge+1)); len(l.answers) != 0 || l.bytes != 0 {
		t.Error("not forgotten")
	}
	keep(&l, 1)
	if l.begin(new(attachment), now); len(l.answers) != 0 || l.bytes != 0 {
		t.Error("kept for another attachment")
	}
}
