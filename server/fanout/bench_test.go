package fanout

import (
	"fmt"
	"testing"

	"github.com/google/uuid"
)

// quiet is a member that counts the bytes and writes that it was sent.
type quiet struct {
	member Member
	user   uuid.UUID
	bytes  int
	writes int
	_      [200]byte // as far from the next one as a session is
}

func (s *quiet) Member() *Member      { return &s.member }
func (s *quiet) User() uuid.UUID      { return s.user }
func (s *quiet) Compressed() bool     { return false }
func (s *quiet) Overflow()            {}
func (s *quiet) Send(b []byte, _ int) { s.bytes += len(b); s.writes++ }

func quietMembers(n int) (*Fanout[*quiet], []quiet) {
	f, members := New[*quiet](1<<20), make([]quiet, n)
	for i := range members {
		members[i].user = user(i)
		f.Join(&members[i])
	}
	return &f, members
}

func sendAll(f *Fanout[*quiet], sent *Count) (turns int) {
	for more := true; more; turns++ {
		more = f.Advance(256, 0, sent)
	}
	return turns
}

// reportDeliveries makes an operation a delivery: a round has as many as it has members.
func reportDeliveries(b *testing.B, sent *Count) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(sent.Messages), "ns/op")
}

// BenchmarkBroadcast is a message for all members, or one from each of 16 users; an operation is a delivery.
func BenchmarkBroadcast(b *testing.B) {
	for _, members := range []int{1000, 15_000} {
		for _, messages := range []int{1, 16} {
			b.Run(fmt.Sprintf("members=%d/messages=%d", members, messages), func(b *testing.B) {
				f, _ := quietMembers(members)
				frame := framed(1, 128)
				var sent Count
				for b.ResetTimer(); sent.Messages < uint64(b.N); {
					for i := range messages {
						f.Add(frame, nil, user(i), 1)
					}
					sendAll(f, &sent)
				}
				reportDeliveries(b, &sent)
			})
		}
	}
}

// BenchmarkDirect is a message for one of 15,000 members, each in a turn of its own.
func BenchmarkDirect(b *testing.B) {
	f, members := quietMembers(15_000)
	frame := framed(1, 128)
	var sent Count
	for i := range b.N {
		f.Deliver(&members[i*7919%len(members)], frame, &sent)
		f.Advance(256, 0, &sent)
	}
}

// BenchmarkTopic is a message for a topic with all members; an operation is a delivery.
func BenchmarkTopic(b *testing.B) {
	for _, members := range []int{1000, 15_000} {
		b.Run(fmt.Sprintf("members=%d", members), func(b *testing.B) {
			f, list := quietMembers(members)
			topic := f.AddTopic()
			for i := range list {
				f.Subscribe(&list[i], topic)
			}
			frame := framed(1, 128)
			var sent Count
			for b.ResetTimer(); sent.Messages < uint64(b.N); {
				f.AddTo(topic, frame, nil, user(0), 1)
				sendAll(f, &sent)
			}
			reportDeliveries(b, &sent)
		})
	}
}

// manyTopics makes members that are each in some of the topics.
func manyTopics(members, topics, each int) (*Fanout[*quiet], []quiet, []Topic) {
	f, list := quietMembers(members)
	made := make([]Topic, topics)
	for i := range made {
		made[i] = f.AddTopic()
	}
	for i := range list {
		for j := range each {
			f.Subscribe(&list[i], made[(i*each+j)%topics])
		}
	}
	return f, list, made
}

// BenchmarkManyTopics is a message for each of many topics; an operation is a delivery.
func BenchmarkManyTopics(b *testing.B) {
	for _, kind := range []struct{ members, topics, each int }{
		{15_000, 1000, 1},  // 15 members each
		{1500, 1000, 10},   // the same, and each member is in ten
		{1000, 100, 100},   // one set of members in 100 topics
		{15_000, 100, 100}, // a large one
	} {
		b.Run(fmt.Sprintf("members=%d/topics=%d/each=%d", kind.members, kind.topics, kind.each), func(b *testing.B) {
			f, list, topics := manyTopics(kind.members, kind.topics, kind.each)
			frame := framed(1, 128)
			var sent Count
			turns, rounds := 0, 0
			for b.ResetTimer(); sent.Messages < uint64(b.N); rounds++ {
				for _, topic := range topics {
					f.AddTo(topic, frame, nil, uuid.Nil, 1)
				}
				turns += sendAll(f, &sent)
			}
			reportDeliveries(b, &sent)
			b.ReportMetric(float64(list[0].writes)/float64(rounds), "writes/round")
			b.ReportMetric(float64(turns)/float64(rounds), "turns/round")
		})
	}
}

// BenchmarkSubscribe is a subscription and its end, by one of many members that are in so many topics each.
func BenchmarkSubscribe(b *testing.B) {
	for _, each := range []int{1, 10, 16, 128, 1023} {
		b.Run(fmt.Sprintf("topics=%d", each), func(b *testing.B) {
			f, list, _ := manyTopics(min(15_000, 200_000/each), 2000, each)
			topic := f.AddTopic()
			for i := 0; b.Loop(); i++ {
				s := &list[i*7919%len(list)]
				f.Subscribe(s, topic)
				f.Unsubscribe(s, topic)
			}
		})
	}
}

// BenchmarkLeave is a member of ten topics that leaves, during a storm of 15,000 such members.
func BenchmarkLeave(b *testing.B) {
	for done := 0; done < b.N; {
		b.StopTimer()
		f, list, topics := manyTopics(15_000, 10, 10)
		for _, topic := range topics { // in the middle of the passes
			f.AddTo(topic, framed(1, 128), nil, uuid.Nil, 1)
		}
		f.Advance(256, 0, &Count{})
		b.StartTimer()
		for i := 0; i < len(list) && done < b.N; i, done = i+1, done+1 {
			f.Leave(&list[i*7919%len(list)])
		}
	}
}
