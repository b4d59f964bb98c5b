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
