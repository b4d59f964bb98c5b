package fanout

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/google/uuid"
)

// sink is a member that remembers what it was sent.
type sink struct {
	member     Member
	user       uuid.UUID
	compressed bool
	got        []string
	turn       int // bytes in this turn
	writes     int
	messages   int // as the fan-out says
	overflowed bool

	discard bool // remembers nothing

}

func (s *sink) Member() *Member  { return &s.member }
func (s *sink) User() uuid.UUID  { return s.user }
func (s *sink) Compressed() bool { return s.compressed }
func (s *sink) Overflow()        { s.overflowed = true }
func (s *sink) Send(b []byte, messages int) {
	if len(b) == 0 || s.discard {
		return
	}
	s.writes++
	s.turn += len(b)
	s.messages += messages
	for len(b) > 0 {
		n := binary.BigEndian.Uint32(b)
		s.got = append(s.got, string(b[4:8]))
		b = b[n:]
	}
}

// framed makes a frame that carries its length and a number.
func framed(number, size int) []byte {
	b := bytes.Repeat([]byte{'.'}, size)
	binary.BigEndian.PutUint32(b, uint32(size))
	binary.BigEndian.PutUint32(b[4:], uint32(number))
	return b
}

func user(n int) uuid.UUID { return uuid.UUID{0: 1, 15: byte(n)} }

func testFanout() *Fanout[*sink] {
	f := New[*sink](1 << 20)
	return &f
}

// turn is what a reactor does once: it fails if a member got more than a segment and a message.
func turn(t *testing.T, f *Fanout[*sink], members []*sink, most int) (more bool) {
	t.Helper()
	for _, s := range members {
		s.turn = 0
	}
	more = f.Advance(256, 0, &Count{})
	for i, s := range members {
		if s.turn > SegmentBytes+most {
			t.Fatalf("member %d got %d bytes in one turn", i, s.turn)
		}
	}
	return more
}

func TestSteadyFanOutAllocatesNothing(t *testing.T) {
	f := testFanout()
	members := make([]*sink, 100)
	for i := range members {
		members[i] = &sink{user: user(i), discard: true}
		f.Join(members[i])
	}
	var sent Count
	frame := framed(1, 100)
	round := func() {
		f.Add(frame, nil, user(1), 1)
		for _, s := range members {
			f.Deliver(s, frame, &sent)
		}
		for f.Advance(256, 0, &sent) {
		}
	}
	for range 3 {
		round()
	}
	if n := testing.AllocsPerRun(100, round); n != 0 {
		t.Errorf("%v allocations a round", n)
	}
}
