package jitter

import "testing"

func TestATallyCountsLostDoubledAndUnorderedMessages(t *testing.T) {
	y := newTally(5)
	for i, number := range []int{0, 1, 1, 4, 2} {
		if isNew := y.add(number); isNew != (i != 2) {
			t.Errorf("message %d, number %d: new %v", i, number, isNew)
		}
	}
	if y.delivered != 4 || y.twice != 1 || y.unordered != 1 {
		t.Errorf("%+v, want 4 delivered, 1 twice, 1 out of order", y)
	}
	if y.add(5) || y.add(-1) {
		t.Error("a message that was not sent is counted")
	}
}
