package load

import (
	"container/heap"
	"testing"
)

func TestTheEarliestRetryComesFirst(t *testing.T) {
	var r retries
	for i, at := range []int64{30, 10, 50, 20, 40, 10} {
		heap.Push(&r, deadline{at: at, index: i})
	}
	last := int64(0)
	for range 6 {
		d := heap.Pop(&r).(deadline)
		if d.at < last {
			t.Errorf("a retry at %d came after one at %d", d.at, last)
		}
		last = d.at
	}
	if len(r) != 0 || last != 50 {
		t.Errorf("%d retries are left, the last was at %d", len(r), last)
	}
}
