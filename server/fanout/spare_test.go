package fanout

import (
	"testing"

	"github.com/google/uuid"
)

func TestSparesAreBounded(t *testing.T) {
	var p spares
	for range 3 * keepSmall {
		p.put(&segment{bytes: make([]byte, 0, 100)})
		p.put(&segment{bytes: make([]byte, 0, SegmentBytes)})
	}
	if len(p.small) != keepSmall || len(p.large) != keepSegments {
		t.Errorf("%d small segments and %d large ones are kept", len(p.small), len(p.large))
	}
	if g := p.take(true); g.size() > smallSegment {
		t.Errorf("a small log gets a segment of %d bytes", g.size())
	}
	if g := p.take(false); g.size() <= smallSegment {
		t.Errorf("a large log gets a segment of %d bytes", g.size())
	}
}

func TestAThousandTopicsAllocateNothing(t *testing.T) {
	f := testFanout()
	topics := make([]Topic, 1000)
	for i := range topics {
		topics[i] = f.AddTopic()
		for j := range 2 {
			s := &sink{user: user(j), discard: true}
			f.Join(s)
			f.Subscribe(s, topics[i])
		}
	}
	frame := framed(1, 200)
	var sent Count
	round := func() {
		for _, topic := range topics {
			f.AddTo(topic, frame, nil, uuid.Nil, 1)
		}
		f.Add(frame, nil, uuid.Nil, 1)
		for f.Advance(256, 0, &sent) {
		}
	}
	round()
	round()
	if n := testing.AllocsPerRun(10, round); n != 0 {
		t.Errorf("%v allocations a round", n)
	}
	if w := f.Waiting(); w != (Waits{}) {
		t.Errorf("%+v when all is sent", w)
	}
}
