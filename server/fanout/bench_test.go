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

func (s *quiet) Member() *Member  { return &s.member }
func (s *quiet) User() uuid.UUID  { return s.user }
func (s *quiet) Compressed() bool { return false }
func (s *quiet) Overflow()        {}
func (s *quiet) Send(b []byte)    { s.bytes += len(b); s.writes++ }

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
		more = f.Advance(256, sent)
	}
	return turns
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
		f.Advance(256, &sent)
	}
}
