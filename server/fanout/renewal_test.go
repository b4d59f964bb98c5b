package fanout

import (
	"math/rand/v2"
	"testing"

	"github.com/google/uuid"
)

// A member that gets nothing while billions of messages are posted for others must get the next one for it.
func TestPositionsStayComparable(t *testing.T) {
	const step = uint32(1 << 26)
	for _, steps := range []int{1, 33, 63, 64, 70} {
		f := testFanout()
		topic := f.AddTopic()
		members := []*sink{{user: user(1)}, {user: user(2)}, {user: user(3)}}
		for _, s := range members {
			f.Join(s)
			f.Subscribe(s, topic)
		}
		for range steps {
			f.order += step
			f.renewal.order = f.order - uint32(len(members))*renewEvery // as with a million members
			f.Advance(256, 0, &Count{})
		}
		f.AddTo(topic, framed(1, 10), nil, uuid.Nil, 1)
		f.Advance(256, 0, &Count{})
		f.Add(framed(2, 10), nil, uuid.Nil, 1)
		f.Advance(256, 0, &Count{})
		for i, s := range members {
			if len(s.got) != 2 {
				t.Errorf("after %d << 26 posts for others member %d got %d of 2 messages", steps, i, len(s.got))
			}
		}
	}
}

func TestRenewalReachesEveryMemberWhileOthersLeave(t *testing.T) {
	f, r := testFanout(), rand.New(rand.NewPCG(1, 2))
	var members []*sink
	for i := range 300 {
		s := &sink{user: user(i)}
		f.Join(s)
		s.member.order = f.order - oldestOrder - 1000
		members = append(members, s)
	}
	for range 300 {
		i := r.IntN(len(members))
		f.Leave(members[i])
		members[i] = &sink{user: user(i)}
		f.Join(members[i])
		f.order += renewEvery
		f.renew()
	}
	for _, s := range members {
		if age := f.order - s.member.order; age > oldestOrder+300*renewEvery {
			t.Errorf("a position is %d posts old", age)
		}
	}
}
