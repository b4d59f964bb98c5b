package load

import "testing"

func TestNumbersDistinguishLossDuplicatesAndDisorder(t *testing.T) {
	for name, c := range map[string]struct {
		numbers                                []uint32
		inOrder, disordered, repeated, ancient int
	}{
		"as sent":              {[]uint32{0, 1, 2, 3}, 4, 0, 0, 0},
		"one missing":          {[]uint32{0, 2, 3}, 3, 0, 0, 0},
		"two swapped":          {[]uint32{0, 2, 1, 3}, 3, 1, 0, 0},
		"one twice":            {[]uint32{0, 1, 1, 2}, 3, 0, 1, 0},
		"late, and then twice": {[]uint32{0, 3, 1, 1, 2}, 2, 2, 1, 0},
		"the first twice":      {[]uint32{0, 0}, 1, 0, 1, 0},
		"beyond the window":    {[]uint32{0, 100, 1, 1}, 2, 0, 0, 2},
		"at its edge":          {[]uint32{0, 63, 0, 64, 0}, 3, 0, 1, 1},
		"a great leap":         {[]uint32{1 << 31, 1<<31 - 1, 1 << 31}, 1, 1, 1, 0},
	} {
		var s stream
		var got [4]int
		for _, n := range c.numbers {
			got[s.record(n)]++
		}
		if got != [4]int{c.inOrder, c.disordered, c.repeated, c.ancient} {
			t.Errorf("%s: %v in order, disordered, repeated, too old", name, got)
		}
	}
}

func TestMessagesForOtherReceiversAreDetected(t *testing.T) {
	pairs := newStreams(3, Partner)
	for sender, receiver := range map[int]int{0: 1, 1: 2, 2: 0} {
		if _, meant := pairs.record(receiver, tag{from: sender}); !meant {
			t.Errorf("%d to %d: not meant", sender, receiver)
		}
		if _, meant := pairs.record(sender, tag{from: sender}); meant {
			t.Errorf("%d to itself: meant", sender)
		}
	}
	everybody := newStreams(3, Everybody)
	if _, meant := everybody.record(2, tag{from: 0}); !meant || everybody.receivers() != 2 {
		t.Error("a message to everybody was not meant for a receiver")
	}
	if _, meant := everybody.record(1, tag{from: 1}); meant {
		t.Error("a message to everybody was meant for its sender")
	}
}
