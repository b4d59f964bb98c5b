package history

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
	"unsafe"

	"github.com/google/uuid"
)

// modelChannel is what a channel should be: all messages, and the least number that is still kept.
type modelChannel struct {
	seq    uint64
	oldest uint64
	full   bool
	frames map[uint64][]byte
	from   map[uint64]uuid.UUID
	at     map[uint64]time.Duration
	last   time.Duration
}

func (m *modelChannel) drop(full bool) {
	delete(m.frames, m.oldest)
	m.oldest++
	m.full = full
}

func (m *modelChannel) expire(l Limits, now time.Duration) {
	for m.oldest <= m.seq && seconds(now)-seconds(m.at[m.oldest]) > seconds(l.Age) {
		m.drop(false)
	}
}

func (m *modelChannel) bytes() (n int) {
	for seq := m.oldest; seq <= m.seq; seq++ {
		n += int(recordSize(m.frames[seq], m.from[seq]))
	}
	return n
}

// TestStoreKeepsWhatItsLimitsAllow compares random messages and questions with a model that keeps everything.
func TestStoreKeepsWhatItsLimitsAllow(t *testing.T) {
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 1))
		l := Limits{Messages: 1 + random.IntN(20), Bytes: 100 + random.IntN(2000), Age: time.Duration(1+random.IntN(20)) * time.Second}
		s := NewStore(l, 1<<30)
		channels, models := make([]Channel, 3), make([]modelChannel, 3)
		for i := range models {
			models[i] = modelChannel{oldest: 1, frames: map[uint64][]byte{}, from: map[uint64]uuid.UUID{}, at: map[uint64]time.Duration{}}
		}
		now := time.Duration(0)
		for step := range 400 {
			i := random.IntN(len(channels))
			c, m := &channels[i], &models[i]
			switch random.IntN(6) {
			case 0:
				now += time.Duration(random.IntN(3000)) * time.Millisecond
			case 1:
				m.expire(l, now)
				ask(t, &s, c, m, uint64(random.IntN(int(m.seq)+3)), now)
			case 2:
				s.Expire(now, 10)
				for i := range models {
					if m := &models[i]; m.seq > 0 && seconds(now)-seconds(m.last) > seconds(l.Age) {
						m.expire(l, now)
						m.full = false
					}
				}
			default:
				add(t, &s, l, c, m, random, now)
			}
			if t.Failed() {
				t.Fatalf("seed %d step %d: %+v", seed, step, l)
			}
		}
	}
}

func add(t *testing.T, s *Store, l Limits, c *Channel, m *modelChannel, random *rand.Rand, now time.Duration) {
	frame := bytes.Repeat([]byte{byte(m.seq)}, 1+random.IntN(300))
	var from uuid.UUID
	if random.IntN(2) == 0 {
		from[3] = byte(1 + random.IntN(3))
	}
	m.expire(l, now)
	m.seq++
	if got := s.Next(c); got != m.seq {
		t.Errorf("message %d is numbered %d", m.seq, got)
	}
	m.frames[m.seq], m.from[m.seq], m.at[m.seq], m.last = frame, from, now, now
	for m.oldest <= m.seq && (int(m.seq-m.oldest) >= l.Messages || m.bytes() > l.Bytes) {
		m.drop(true)
	}
	if kept := s.Keep(c, frame, from, now); kept != (m.oldest <= m.seq) {
		t.Errorf("message %d is kept: %v", m.seq, kept)
	}
	ask(t, s, c, m, m.seq, now)
}

func ask(t *testing.T, s *Store, c *Channel, m *modelChannel, after uint64, now time.Duration) {
	want := LostNothing
	switch {
	case after > m.seq:
		want = NeverKnown
	case after+1 >= m.oldest:
	case m.full:
		want = LostToBound
	default:
		want = LostToAge
	}
	if got := s.Since(c, after, now); got != want {
		t.Errorf("after %d, with %d to %d kept: %v, want %v", after, m.oldest, m.seq, got, want)
	}
	next := max(m.oldest, after+1)
	for message := range c.After(after) {
		if message.Seq != next || !bytes.Equal(message.Frame, m.frames[next]) || message.From != m.from[next] {
			t.Errorf("message %d is %d of %d bytes from %v", next, message.Seq, len(message.Frame), message.From)
		}
		next++
	}
	if next <= m.seq {
		t.Errorf("the messages end before %d of %d", next, m.seq)
	}
}

func TestNothingIsKeptWithoutAge(t *testing.T) {
	s := NewStore(Limits{Messages: 10, Bytes: 1000}, 1000)
	var c Channel
	s.Next(&c)
	if s.Keep(&c, []byte("hi"), uuid.Nil, 0) || s.Bytes() != 0 || s.Since(&c, 1, 0) != LostNothing || s.Since(&c, 0, 0) != LostToAge {
		t.Errorf("%d bytes are kept", s.Bytes())
	}
}

// TestAFullStoreForgetsTheLongestUnusedChannel fills a store with more channels than it has room for.
func TestAFullStoreForgetsTheLongestUnusedChannel(t *testing.T) {
	s := NewStore(Limits{Messages: 10, Bytes: 1000, Age: time.Minute}, 3000)
	channels := make([]Channel, 20)
	say := func(i int) {
		s.Next(&channels[i])
		if !s.Keep(&channels[i], make([]byte, 200), uuid.Nil, 0) {
			t.Errorf("channel %d keeps nothing", i)
		}
	}
	for i := range 10 {
		say(i)
	}
	for i := 10; i < len(channels); i++ {
		say(0) // channel 0 stays in use
		say(i)
		if s.Bytes() > 3000+20*int(unsafe.Sizeof(kept{})) {
			t.Fatalf("%d bytes are held", s.Bytes())
		}
	}
	if s.Since(&channels[0], channels[0].Seq()-1, 0) != LostNothing || s.Since(&channels[19], 0, 0) != LostNothing {
		t.Error("a channel in use was emptied")
	}
	if got := s.Since(&channels[1], 0, 0); got != LostToBound {
		t.Errorf("the first channel that went unused has lost its message: %v", got)
	}
}

// TestAForgottenChannelNeverRepeatsANumber opens a channel anew after it was forgotten with messages.
func TestAForgottenChannelNeverRepeatsANumber(t *testing.T) {
	s := NewStore(Limits{Messages: 10, Bytes: 1000, Age: time.Minute}, 3000)
	c, other := s.Open(), s.Open()
	for range 5 {
		s.Next(&c)
		s.Keep(&c, []byte("hi"), uuid.Nil, 0)
	}
	s.Next(&other)
	s.Forget(&other)
	s.Forget(&c)
	again := s.Open()
	if s.Bytes() != 0 || again.Seq() < 5 {
		t.Fatalf("%d bytes are held, and the numbers begin after %d", s.Bytes(), again.Seq())
	}
	for seq := range uint64(5) {
		if got := s.Since(&again, seq, 0); got != LostToAge {
			t.Errorf("after %d: %v", seq, got)
		}
	}
}

func BenchmarkKeep(b *testing.B) {
	for _, size := range []int{200, 1000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			s := NewStore(Limits{Messages: 1000, Bytes: 4 << 20, Age: time.Minute}, 8<<20)
			var c Channel
			frame := make([]byte, size)
			for b.Loop() {
				s.Next(&c)
				s.Keep(&c, frame, uuid.Nil, 0)
			}
		})
	}
}

// TestManyChannelsDoNotEmptyEachOther fills a store whose room is less than what its channels cost without messages.
func TestManyChannelsDoNotEmptyEachOther(t *testing.T) {
	s := NewStore(Limits{Messages: 10, Bytes: 1000, Age: time.Minute}, 1000)
	channels := make([]Channel, 100)
	for i := range channels {
		s.Next(&channels[i])
		s.Keep(&channels[i], []byte("hi"), uuid.Nil, 0)
	}
	for i := 50; i < len(channels); i++ {
		if got := s.Since(&channels[i], 0, 0); got != LostNothing {
			t.Errorf("channel %d of 100 has lost its message: %v", i, got)
		}
	}
}
