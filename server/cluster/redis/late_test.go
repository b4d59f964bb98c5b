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
	proxy.Delay(redistest.ToClient, 500*time.Millisecond)
	a := cluster.Arrival{Channel: broadcast, After: last - 10}
	p.Join(a)
	p.await("the read after the subscription", func() bool { return p.Figures().JoinTrips == 2 })
	proxy.Hold(redistest.ToClient)
	p.await("an expired join", func() bool { return len(p.joined) == 1 && p.joined[0].Err != nil })
	s.Do(t, "DEL", "mo:h")
	proxy.Pass(redistest.ToClient)
	p.Join(a)
	p.await("an answer", func() bool { return len(p.joined) == 2 })
	if got := p.texts(); p.joined[1].Err != nil || !slices.Equal(got, other.texts()[10:]) {
		t.Errorf("%+v, and the node got %q", p.joined[1], got)
	}
}

// answerOf returns the answer of Redis to a read: the messages with the numbers from first to seq.
func answerOf(first, seq uint64, bounded bool) cluster.Joined {
	j := cluster.Joined{Channel: broadcast, Seq: seq, Bounded: bounded}
	for n := first; n <= seq; n++ {
		j.Kept = append(j.Kept, cluster.Delivery{Channel: broadcast, Seq: n, JSON: []byte("text")})
	}
	return j
}

func TestALateAnswerIsCompleted(t *testing.T) {
	const after, unlimited = 100, 1 << 20
	for name, c := range map[string]struct {
		late    cluster.Joined // to a read after the number 100
		asked   uint64         // by the next Join
		reads   uint64         // after which number
		then    cluster.Joined // the answer to that
		limit   int
		first   uint64 // the first message that the node gets
		bounded bool
	}{
		"nothing new":                  {answerOf(101, 110, false), after, 110, answerOf(111, 110, false), unlimited, 101, false},
		"later messages":               {answerOf(101, 110, false), after, 110, answerOf(111, 115, false), unlimited, 101, false},
		"some came meanwhile":          {answerOf(101, 110, false), 105, 110, answerOf(111, 115, false), unlimited, 106, false},
		"all came meanwhile":           {answerOf(101, 110, false), 110, 110, answerOf(111, 115, false), unlimited, 111, false},
		"earlier messages":             {answerOf(101, 110, false), 99, 99, answerOf(100, 115, false), unlimited, 100, false},
		"asks for no messages":         {answerOf(101, 110, false), cluster.None, cluster.None, answerOf(116, 115, false), unlimited, 116, false},
		"was bounded":                  {answerOf(104, 110, true), after, 110, answerOf(111, 115, false), unlimited, 104, true},
		"was bounded earlier":          {answerOf(104, 110, true), 103, 110, answerOf(111, 115, false), unlimited, 104, false},
		"is bounded by now":            {answerOf(101, 110, false), after, 110, answerOf(113, 115, true), unlimited, 113, true},
		"another numbering":            {answerOf(101, 110, false), after, 110, answerOf(5, 4, false), unlimited, 5, false},
		"Redis keeps no later ones":    {answerOf(101, 110, false), after, 110, answerOf(116, 115, true), unlimited, 116, true},
		"together above the limit":     {answerOf(101, 110, false), after, 110, answerOf(111, 115, false), 12 * len("text"), 104, true},
		"together just in the limit":   {answerOf(101, 110, false), after, 110, answerOf(111, 115, false), 15 * len("text"), 101, false},
		"the needed ones in the limit": {answerOf(101, 110, false), 103, 110, answerOf(111, 115, false), 12 * len("text"), 104, false},
	} {
		l := late{limit: unlimited}
		l.begin(new(attachment), time.Time{})
		l.keep(c.late, after, time.Time{})
		a := cluster.Arrival{Channel: broadcast, After: c.asked}
		reads, j := l.after(a), c.then
		l.complete(&j, a, c.limit)
		first := j.Seq + 1
		if len(j.Kept) > 0 {
			first = j.Kept[0].Seq
		}
		if reads != c.reads || first != c.first || len(j.Kept) != int(j.Seq+1-first) || j.Bounded != c.bounded {
			t.Errorf("%s: reads after %d; %d messages from %d to %d, bounded %v", name, reads, len(j.Kept), first, j.Seq, j.Bounded)
		}
		if used := reads != c.asked; used != (len(l.answers) == 0) || used != (l.bytes == 0) {
			t.Errorf("%s: %d answers, %d bytes are left", name, len(l.answers), l.bytes)
		}
	}
}

func TestLateAnswersAreBounded(t *testing.T) {
	now := time.Unix(1, 0)
	size := joinedBytes(answerOf(1, 10, false))
	keep := func(l *late, n byte, messages uint64) {
		one := answerOf(1, messages, false)
		one.Channel = user(n)
		l.keep(one, 0, now)
	}
	l := late{limit: 3 * size}
	l.begin(new(attachment), now)
	has := func(what string, answers, bytes int) {
		t.Helper()
		if len(l.answers) != answers || l.bytes != bytes {
			t.Errorf("%s: %d answers, %d bytes", what, len(l.answers), l.bytes)
		}
	}
	for n := range byte(3) {
		keep(&l, n, 10)
		keep(&l, n, 10)
		keep(&l, 3, 0)
	}
	has("at the limit", 3, 3*size)
	keep(&l, 3, 10)
	has("a small one above the limit", 3, 3*size)
	keep(&l, 3, 40)
	has("one that is too large", 3, 3*size)
	l.remove(user(0))
	l.remove(user(1))
	keep(&l, 3, 25)
	has("a larger one above the limit", 1, joinedBytes(answerOf(1, 25, false)))
	l.begin(l.attachment, now.Add(lateAge))
	has("later", 1, l.bytes)
	l.begin(l.attachment, now.Add(lateAge+1))
	has("too old", 0, 0)
	keep(&l, 1, 10)
	l.begin(new(attachment), now)
	has("another attachment", 0, 0)
	h := &History{Messages: 3, Bytes: 90, BroadcastMessages: 2, BroadcastBytes: 80}
	if l, want := newLate(h), 2*(90+3*messageBytes); l.limit != want {
		t.Errorf("room for %d bytes, want %d", l.limit, want)
	}
}
