package fanout

import (
	"testing"

	"github.com/google/uuid"
)

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
		f.Advance(256, 0, &Count{})
		if f.PassOver() == 77 {
			return
		}
	}
	t.Error("the pass was never over")
}
