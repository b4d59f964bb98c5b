package fanout

import (
	"encoding/binary"
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

// counter is a member that counts the deliveries of each message.
type counter struct {
	sink
	deliveries []int
}

func (c *counter) Send(b []byte, _ int) {
	for c.writes++; len(b) > 0; b = b[binary.BigEndian.Uint32(b):] {
		c.deliveries[binary.BigEndian.Uint32(b[4:])]++
	}
}

// Each of 16 senders sends again two turns after all have its message. The first one begins before the others.
func TestAPassTakesAlongWhatIsPostedMeanwhile(t *testing.T) {
	const members, senders, turnsOfAPass = 2560, 16, 10
	f := New[*counter](1 << 20)
	deliveries, all, due := make([]int, senders), make([]*counter, members), make([]int, senders)
	for i := range all {
		all[i] = &counter{sink: sink{user: user(i)}, deliveries: deliveries}
		f.Join(all[i])
	}
	for i := 1; i < senders; i++ {
		due[i] = turnsOfAPass / 2
	}
	var sent Count
	for now := range 20 * turnsOfAPass {
		for i, n := range deliveries {
			if n == members {
				deliveries[i], due[i] = 0, now+2
			}
			if due[i] == now {
				f.Add(framed(i, 200), nil, uuid.Nil, 1)
			}
		}
		f.Advance(256, 0, &sent)
	}
	writes := 0
	for _, c := range all {
		writes += c.writes
	}
	if each := float64(sent.Messages) / float64(writes); each < 12 {
		t.Errorf("a write has %.1f messages", each)
	}
}
