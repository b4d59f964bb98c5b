package fanout

import (
	"slices"
	"testing"

	"github.com/google/uuid"
)

// A member that gets messages of its own without end must not keep the pass from ending.
func TestMessagesForOneDoNotHoldUpThePass(t *testing.T) {
	f := testFanout()
	greedy, other := &sink{user: user(1)}, &sink{user: user(2)}
	f.Join(greedy)
	f.Join(other)
	for range 4 {
		f.Deliver(greedy, framed(0, 100_000), &Count{})
	}
	for i := range 20 {
		f.Add(framed(i, 60_000), nil, uuid.Nil, 1)
	}
	for turns := 0; len(other.got) < 20; turns++ {
		if turns > 40 {
			t.Fatalf("the other member has %d of 20 messages after %d turns", len(other.got), turns)
		}
		f.Deliver(greedy, framed(99, 100_000), &Count{})
		turn(t, f, []*sink{greedy, other}, 100_000)
	}
}

func TestAMemberOwedTooMuchOverflows(t *testing.T) {
	f := testFanout()
	s := &sink{}
	f.Join(s)
	for i := range 40 { // of the log before the queue, more than a full queue's visits bring
		f.Add(framed(i, 60_000), nil, user(2), 1)
	}
	for range 11 {
		f.Deliver(s, framed(0, 100_000), &Count{})
	}
	if !s.overflowed {
		t.Error("1.1 MB queued for one member did not overflow")
	}
	f.Leave(s)
	if w := f.Waiting(); w.Queued != 0 {
		t.Errorf("%+v for a member that has left", w)
	}
}

// One turn may bring an idle member more than its queue holds: its socket takes it, so it must not overflow.
func TestAFullQueueIsOfferedToTheSocket(t *testing.T) {
	f := testFanout()
	s := &sink{user: user(1)}
	f.Join(s)
	var sent Count
	for i := range 40 {
		f.Deliver(s, framed(i, 65_536), &sent)
	}
	f.Advance(256, 0, &sent)
	for f.Advance(256, 0, &sent) {
	}
	if s.overflowed || len(s.got) != 40 || sent.Messages != 40 {
		t.Errorf("overflowed %v, got %d of 40 messages, counted %d", s.overflowed, len(s.got), sent.Messages)
	}
}

func TestQueuesOfABurstAreForgotten(t *testing.T) {
	f := testFanout()
	frame := framed(1, 100)
	members := make([]*sink, 3*keepQueues)
	for i := range members {
		members[i] = &sink{user: user(i), discard: true}
		f.Join(members[i])
	}
	var sent Count
	round := func(n int) {
		for _, s := range members[:n] {
			f.Deliver(s, frame, &sent)
		}
		for f.Advance(256, 0, &sent) {
		}
	}
	round(len(members))
	if len(f.queues) > keepQueues || len(f.free) != len(f.queues) {
		t.Errorf("%d queues are kept, %d of them free", len(f.queues), len(f.free))
	}
	round(100)
	if n := testing.AllocsPerRun(100, func() { round(100) }); n != 0 {
		t.Errorf("%v allocations a round after a burst", n)
	}
}

func TestMessagesForOneShareAWrite(t *testing.T) {
	f := testFanout()
	a, b := &sink{user: user(1)}, &sink{user: user(2)}
	f.Join(a)
	f.Join(b)
	for i := range 10 { // by turns, as two conversations do
		f.Deliver(a, framed(i, 100), &Count{})
		f.Deliver(b, framed(i, 100), &Count{})
	}
	f.Advance(256, 0, &Count{})
	if a.writes != 1 || b.writes != 1 {
		t.Errorf("%d and %d writes for ten messages each", a.writes, b.writes)
	}
}

// A client that ends its subscription must not get the missed messages of it that are still pending, nor lose others.
func TestMissedMessagesEndWithTheirSubscription(t *testing.T) {
	f := testFanout()
	s := &sink{user: user(1)}
	f.Join(s)
	left, kept := f.AddTopic(), f.AddTopic()
	var sent Count
	f.Deliver(s, framed(1, 50), &sent)
	f.DeliverMissed(s, left, append(framed(2, 50), framed(3, 60)...), 2, &sent)
	f.Subscribe(s, left)
	f.DeliverMissed(s, kept, append(framed(4, 70), framed(5, 50)...), 2, &sent)
	f.Subscribe(s, kept)
	f.Unsubscribe(s, left)
	f.Deliver(s, framed(6, 50), &sent)
	if f.Advance(256, 0, &sent); f.Queued(s) != 0 || f.Waiting().Queued != 0 {
		t.Errorf("%d bytes are queued for the member, %d in all", f.Queued(s), f.Waiting().Queued)
	}
	var got []byte
	for _, frame := range s.got {
		got = append(got, frame[3])
	}
	if !slices.Equal(got, []byte{1, 4, 5, 6}) || sent.Messages != 4 {
		t.Errorf("got %v, counted %d", got, sent.Messages)
	}
}

func TestRestGoesBeforeAClose(t *testing.T) {
	f := testFanout()
	s := &sink{user: user(1)}
	f.Join(s)
	f.Add(framed(1, 50), nil, user(2), 1)
	f.Deliver(s, framed(2, 50), &Count{})
	f.Add(framed(3, 50), nil, user(2), 1)
	var sent Count
	s.Send(f.Rest(s, &sent), int(sent.Messages))
	f.Leave(s)
	f.Advance(256, 0, &Count{})
	if len(s.got) != 3 || s.got[0][3] != 1 || s.got[1][3] != 2 || s.got[2][3] != 3 {
		t.Errorf("got %q", s.got)
	}
}

func TestBehindMeansMoreThanASegment(t *testing.T) {
	f := testFanout()
	s := &sink{user: user(1)}
	f.Join(s)
	for i := range 5 {
		f.Add(framed(i, 60_000), nil, user(2), 1)
	}
	if f.Owed(s) <= SegmentBytes {
		t.Fatal("300,000 bytes are less than a segment")
	}
	f.Hurry(s)
	turns := 0
	for ; f.Owed(s) > SegmentBytes; turns++ {
		turn(t, f, []*sink{s}, 60_000)
	}
	if turns > 3 {
		t.Errorf("%d turns to catch up", turns)
	}
}
