package history

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
)

func TestAfterYieldsTheMessagesWithAGreaterNumber(t *testing.T) {
	s := NewStore(Limits{Messages: 3, Bytes: 1000, Age: time.Minute}, 1000)
	c := s.Open()
	if c.Seq() != 0 || c.Oldest() != 1 {
		t.Errorf("a new channel has %d to %d", c.Oldest(), c.Seq())
	}
	for range 5 {
		s.Next(&c)
		s.Keep(&c, []byte("hi"), uuid.UUID{7}, 0)
	}
	for after, want := range map[uint64][]uint64{0: {3, 4, 5}, 2: {3, 4, 5}, 4: {5}, 5: nil, 9: nil} {
		var got []uint64
		for m := range c.After(after) {
			if got = append(got, m.Seq); m.From != (uuid.UUID{7}) || string(m.Frame) != "hi" {
				t.Errorf("%+v", m)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("after %d: %v, want %v", after, got, want)
		}
	}
	for m := range c.After(0) {
		if m.Seq != 3 {
			t.Error("the iteration goes on after it was ended")
		}
		break
	}
}

// BenchmarkAfter reads the last ten messages, and ten in the middle, of the longest histories that settings allow.
func BenchmarkAfter(b *testing.B) {
	const messages = 100_000
	s := NewStore(Limits{Messages: messages, Bytes: 32 << 20, Age: time.Minute}, 64<<20)
	c := s.Open()
	for range messages + messages/3 {
		s.Next(&c)
		s.Keep(&c, make([]byte, 200), uuid.UUID{7}, 0)
	}
	for name, from := range map[string]uint64{"end": c.Seq() - 10, "middle": c.Seq() - messages/2} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				read := 0
				for range c.After(from) {
					if read++; read == 10 {
						break
					}
				}
			}
		})
	}
}
