package fanout

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
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
	overflowed bool

	discard bool // remembers nothing

	owed []string // the model's: what it should have got, in order
}

func (s *sink) Member() *Member  { return &s.member }
func (s *sink) User() uuid.UUID  { return s.user }
func (s *sink) Compressed() bool { return s.compressed }
func (s *sink) Overflow()        { s.overflowed = true }
func (s *sink) Send(b []byte) {
	if len(b) == 0 || s.discard {
		return
	}
	s.writes++
	s.turn += len(b)
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
	more = f.Advance(256, &Count{})
	for i, s := range members {
		if s.turn > SegmentBytes+most {
			t.Fatalf("member %d got %d bytes in one turn", i, s.turn)
		}
	}
	return more
}

func TestEachMemberGetsEachFrameOnceInOrder(t *testing.T) {
	for seed := range uint64(60) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { playFanout(t, rand.New(rand.NewPCG(seed, seed))) })
	}
}

// playFanout posts frames of all kinds while members join and leave, and compares with what each is owed.
func playFanout(t *testing.T, r *rand.Rand) {
	f := testFanout()
	var members, all []*sink
	largest := []int{40, 3000, 60_000}[r.IntN(3)]
	number := 0
	for range 400 {
		switch k := r.IntN(12); {
		case k < 2 && len(members) < 300:
			s := &sink{user: user(r.IntN(8)), compressed: r.IntN(3) == 0}
			f.Join(s)
			members, all = append(members, s), append(all, s)
		case k == 2 && len(members) > 0 && r.IntN(4) == 0:
			i := r.IntN(len(members))
			f.Leave(members[i])
			members[i].owed = members[i].owed[:min(len(members[i].got), len(members[i].owed))]
			members = append(members[:i], members[i+1:]...)
		case k < 7:
			number++
			from := user(r.IntN(8))
			frame := framed(number, 8+r.IntN(largest))
			f.Add(frame, frame, from, 1)
			for _, s := range members {
				if s.user != from {
					s.owed = append(s.owed, string(frame[4:8]))
				}
			}
		case k < 10 && len(members) > 0:
			number++
			s := members[r.IntN(len(members))]
			frame := framed(number, 8+r.IntN(largest))
			f.Deliver(s, frame, &Count{})
			s.owed = append(s.owed, string(frame[4:8]))
		default:
			turn(t, f, members, largest+8)
		}
	}
	for range 5000 {
		if !turn(t, f, members, largest+8) {
			break
		}
	}
	for i, s := range all {
		if s.overflowed {
			t.Fatalf("member %d overflowed", i)
		}
		if fmt.Sprint(s.got) != fmt.Sprint(s.owed) {
			t.Fatalf("member %d got %d frames and was owed %d:\n%q\n%q", i, len(s.got), len(s.owed), s.got, s.owed)
		}
	}
	if w := f.Waiting(); w != (Waits{}) {
		t.Errorf("%+v when all is sent", w)
	}
	if f.late != 0 || len(f.visits) != 0 {
		t.Errorf("%d members late, %d visits due when all is sent", f.late, len(f.visits))
	}
}

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
	f.Advance(256, &sent)
	for f.Advance(256, &sent) {
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
		for f.Advance(256, &sent) {
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

// A pass that waits for a late member is over in a turn of its own, and is measured.
func TestAPassWithALateMemberIsMeasured(t *testing.T) {
	f := testFanout()
	late, other := &sink{user: user(1)}, &sink{user: user(2)}
	f.Join(late)
	f.Join(other)
	for i := range 4 {
		f.Deliver(late, framed(i, 100_000), &Count{})
	}
	f.Add(framed(9, 1000), nil, uuid.Nil, 77)
	for range 20 {
		f.Advance(256, &Count{})
		if posted, over := f.PassOver(); over && posted == 77 {
			return
		}
	}
	t.Error("the pass was never over")
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
	f.Advance(256, &Count{})
	if a.writes != 1 || b.writes != 1 {
		t.Errorf("%d and %d writes for ten messages each", a.writes, b.writes)
	}
}

func TestBurstIsOneWritePerMember(t *testing.T) {
	f := testFanout()
	a, b := &sink{user: user(1)}, &sink{user: user(2)}
	f.Join(a)
	f.Join(b)
	var sent Count
	for i := range 16 {
		f.Add(framed(i, 100), nil, user(1), 7)
	}
	if w := f.Waiting(); w.Since != 7 || w.Bytes != 1600 {
		t.Errorf("%+v of 16 messages of 100 bytes", w)
	}
	for f.Advance(256, &sent) {
	}
	if a.writes != 0 || b.writes != 1 || sent.Messages != 16 {
		t.Errorf("%d writes to the sender, %d to the other, %d messages", a.writes, b.writes, sent.Messages)
	}
	if posted, over := f.PassOver(); posted != 7 || !over {
		t.Errorf("pass over %v, posted at %d", over, posted)
	}
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
		for f.Advance(256, &sent) {
		}
	}
	for range 3 {
		round()
	}
	if n := testing.AllocsPerRun(100, round); n != 0 {
		t.Errorf("%v allocations a round", n)
	}
}

func TestRestGoesBeforeAClose(t *testing.T) {
	f := testFanout()
	s := &sink{user: user(1)}
	f.Join(s)
	f.Add(framed(1, 50), nil, user(2), 1)
	f.Deliver(s, framed(2, 50), &Count{})
	f.Add(framed(3, 50), nil, user(2), 1)
	s.Send(f.Rest(s, &Count{}))
	f.Leave(s)
	f.Advance(256, &Count{})
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
	if !f.Behind(s) {
		t.Fatal("300,000 bytes are less than a segment")
	}
	f.Hurry(s)
	turns := 0
	for ; f.Behind(s); turns++ {
		turn(t, f, []*sink{s}, 60_000)
	}
	if turns > 3 {
		t.Errorf("%d turns to catch up", turns)
	}
}
