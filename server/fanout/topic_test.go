package fanout

import (
	"runtime"
	"slices"
	"testing"

	"github.com/google/uuid"
)

func TestALoopOverTopicsMayEndThem(t *testing.T) {
	f := testFanout()
	s := &sink{user: user(1)}
	f.Join(s)
	var topics []Topic
	for range 20 {
		topics = append(topics, f.AddTopic())
		f.Subscribe(s, topics[len(topics)-1])
	}
	seen := 0
	for topic := range f.Topics(s) {
		if f.Subscribers(topic) != 1 || !f.Unsubscribe(s, topic) || f.Subscribers(topic) != 0 {
			t.Fatalf("topic %d has %d subscribers after the only one has left", topic, f.Subscribers(topic))
		}
		f.RemoveTopic(topic)
		seen++
	}
	if seen != len(topics) || len(slices.Collect(f.Topics(s))) != 0 || f.topics.used != 0 {
		t.Errorf("%d topics of %d were seen, %d are left", seen, len(topics), f.topics.used)
	}
}

// A topic with few members does not wait for the pass of a large one, nor for that of a broadcast.
func TestASmallTopicDoesNotWaitForLargeOnes(t *testing.T) {
	f := testFanout()
	large, small := f.AddTopic(), f.AddTopic()
	members := make([]sink, 10_000)
	for i := range members {
		s := &members[i]
		s.user, s.discard = user(i), true
		f.Join(s)
		f.Subscribe(s, large)
	}
	last := &members[len(members)-1]
	last.discard = false
	f.Add(framed(0, 100), nil, uuid.Nil, 1)
	f.AddTo(large, framed(1, 100), nil, uuid.Nil, 1)
	var sent Count
	f.Advance(256, 0, &sent)
	f.Subscribe(last, small)
	f.AddTo(small, framed(2, 100), nil, uuid.Nil, 1)
	f.Advance(256, 0, &sent)
	f.Advance(256, 0, &sent)
	if len(last.got) != 3 {
		t.Errorf("after two turns the member of a small topic has %d of 3 messages", len(last.got))
	}
	if sent.Messages > 4*256*2 {
		t.Errorf("%d deliveries in three turns of 256 sends", sent.Messages)
	}
}

// Neither the last subscriber that leaves nor an idle topic leaves a segment with the topic.
func TestTopicsWithoutMessagesHoldNoSegments(t *testing.T) {
	f := testFanout()
	topic := f.AddTopic()
	a, b := &sink{user: user(1)}, &sink{user: user(2)}
	f.Join(a)
	f.Join(b)
	f.AddTo(topic, framed(0, 100), nil, uuid.Nil, 1) // without subscribers it is for nobody
	if w := f.Waiting(); w.Bytes != 0 {
		t.Errorf("%+v after a message to a topic without subscribers", w)
	}
	f.Subscribe(a, topic)
	f.Subscribe(b, topic)
	for range 5 { // segments
		f.AddTo(topic, framed(1, SegmentBytes), nil, uuid.Nil, 1)
	}
	f.Advance(256, 0, &Count{})
	f.Leave(a)
	f.Unsubscribe(b, topic)
	if w := f.Waiting(); w != (Waits{}) || f.topics.at(topic.index()).head != nil {
		t.Errorf("%+v after the last subscriber has left", w)
	}
	if f.Advance(256, 0, &Count{}) {
		t.Error("there is more to do without subscribers")
	}
}

// heap returns the bytes that are in use after a collection.
func heap() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// A subscription costs at most 40 bytes, with the lists and their room for growth. A topic without messages costs some 60
// bytes and its subscriptions.
func TestSubscriptionsAreSmall(t *testing.T) {
	for _, size := range []struct{ members, topics, each int }{
		{15_000, 10, 10}, {15_000, 1000, 10}, {15_000, 10_000, 10}, {1500, 10, 10}, {15_000, 1000, 1},
		{8000, 1000, 17}, {1500, 1000, 129}, {200, 2000, 1024}, // in several chains
	} {
		f, members := quietMembers(size.members)
		before := heap()
		for range size.topics {
			f.AddTopic()
		}
		idle := heap() - before
		for i := range members {
			for j := range size.each {
				f.Subscribe(&members[i], Topic((i*size.each+j)%size.topics+1))
			}
		}
		subscriptions := size.members * size.each
		used := heap() - before - idle
		t.Logf("%6d members in %d of %5d topics each: %.1f bytes a topic, %.1f bytes a subscription",
			size.members, size.each, size.topics, float64(idle)/float64(size.topics), float64(used)/float64(subscriptions))
		if used > 40*subscriptions {
			t.Errorf("%d subscriptions take %d bytes", subscriptions, used)
		}
		if size.topics >= 1000 && idle > 64*(size.topics+slabChunk) {
			t.Errorf("%d topics take %d bytes", size.topics, idle)
		}
		runtime.KeepAlive(f)
	}
}

// A room that takes the place of a topic, which was due, is not taken for it.
func TestARoomTakesThePlaceOfATopic(t *testing.T) {
	f := testFanout()
	s := &sink{user: user(1)}
	f.Join(s)
	topic := f.AddTopic()
	f.Subscribe(s, topic)
	f.AddTo(topic, framed(0, 100), nil, uuid.Nil, 1)
	f.Unsubscribe(s, topic)
	f.RemoveTopic(topic)
	room := f.AddRoom()
	f.Subscribe(s, room)
	for i := range 3 {
		f.Deliver(s, framed(1+i, SegmentBytes), &Count{}) // so that the pass leaves the member to its visit
	}
	f.AddTo(room, framed(4, 100), nil, uuid.Nil, 1)
	f.Advance(256, 0, &Count{})
	f.Unsubscribe(s, room)
	if p := f.topics.at(room.index()); room != -topic || p.late != 0 {
		t.Errorf("room %d, in the place of topic %d, waits for %d members that have unsubscribed", room, topic, p.late)
	}
}
