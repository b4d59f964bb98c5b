package fanout

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/google/uuid"
)

// One member in 100 topics that all speak, and with broadcasts and messages of its own, gets one write, in the order of
// the posts.
func TestEverythingPendingSharesAWrite(t *testing.T) {
	f, r := testFanout(), rand.New(rand.NewPCG(3, 3))
	members := make([]*sink, 5)
	topics := make([]Topic, 100)
	for i := range members {
		members[i] = &sink{user: user(i)}
		f.Join(members[i])
	}
	for i := range topics {
		topics[i] = f.AddTopic()
		for _, s := range members {
			f.Subscribe(s, topics[i])
		}
	}
	var sent Count
	for i := range 500 {
		switch i % 10 {
		case 0:
			f.Add(framed(i, 50), nil, uuid.Nil, 1)
		case 5:
			f.Deliver(members[0], framed(i, 50), &sent)
		default:
			f.AddTo(topics[r.IntN(len(topics))], framed(i, 50), nil, uuid.Nil, 1)
		}
	}
	for f.Advance(256, 0, &sent) {
	}
	for i, s := range members {
		last := -1
		for _, text := range s.got {
			number := int(binary.BigEndian.Uint32([]byte(text)))
			if number <= last {
				t.Fatalf("member %d got message %d after %d", i, number, last)
			}
			last = number
		}
		if want := map[bool]int{true: 500, false: 450}[i == 0]; s.writes != 1 || len(s.got) != want {
			t.Errorf("member %d got %d of %d messages in %d writes", i, len(s.got), want, s.writes)
		}
	}
}
