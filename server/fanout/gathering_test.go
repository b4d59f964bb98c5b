package fanout

import (
	"testing"

	"github.com/google/uuid"
)

func TestAPassOverManyWaitsForMoreMessages(t *testing.T) {
	const at = 1_000_000
	frame := framed(1, 100)
	for _, test := range []struct {
		name         string
		members, now int
		frame        []byte
		next         uint32 // when there is something to do
		writes       int
	}{
		{"few members", 900, at, frame, 0, 1},
		{"a thousand", 1000, at + 10, frame, at + 100, 0},
		{"a thousand later", 1000, at + 100, frame, 0, 1},
		{"very many", 15_000, at + 199, frame, at + 200, 0},
		{"very many later", 15_000, at + 200, frame, 0, 1},
		{"a clock from before the post", 15_000, at - 50, frame, at + 200, 0},
		{"without a clock", 15_000, 0, frame, 0, 1},
		{"a full segment", 15_000, at, framed(1, SegmentBytes), 0, 1},
	} {
		f, members := quietMembers(test.members)
		topic := f.AddTopic()
		for i := range members {
			f.Subscribe(&members[i], topic)
		}
		for name, post := range map[string]func(){
			"a broadcast": func() { f.Add(test.frame, nil, uuid.Nil, at) },
			"a topic":     func() { f.AddTo(topic, test.frame, nil, uuid.Nil, at) },
		} {
			post()
			post()
			members[0].writes = 0
			more := f.Advance(1<<20, uint32(test.now), &Count{})
			if next := f.Next(); next != test.next || members[0].writes != test.writes || more && test.next != 0 {
				t.Errorf("%s, %s: %d writes, more is %v, the next at %d", test.name, name, members[0].writes, more, next)
			}
			for f.Advance(1<<20, 0, &Count{}) {
			}
		}
	}
}

// Messages for one member do not wait, and bring it what it must get before them.
func TestDirectMessagesDoNotWait(t *testing.T) {
	f, members := quietMembers(2000)
	f.Add(framed(1, 100), nil, uuid.Nil, 77)
	f.Deliver(&members[5], framed(2, 100), &Count{})
	more := f.Advance(256, 78, &Count{})
	if members[5].bytes != 200 || members[6].bytes != 0 || more || f.Next() != 277 {
		t.Errorf("%d bytes for one member, %d for another, more is %v, the next at %d", members[5].bytes, members[6].bytes, more, f.Next())
	}
	for f.Advance(256, 277, &Count{}) {
	}
	if members[5].bytes != 200 || members[6].bytes != 100 {
		t.Errorf("%d bytes for one member, %d for another", members[5].bytes, members[6].bytes)
	}
}
