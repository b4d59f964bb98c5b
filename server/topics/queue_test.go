package topics

import (
	"testing"
	"time"
)

func TestTheQueueIsOrderedByTime(t *testing.T) {
	var q queue
	a, b, c := &Topic{Name: "a"}, &Topic{Name: "b"}, &Topic{Name: "c"}
	q.push(a, 2*time.Second)
	q.push(b, time.Second) // its reactor has read the clock a moment earlier
	q.push(c, 3*time.Second)
	if b.idleSince != 2*time.Second {
		t.Errorf("b is idle since %v", b.idleSince)
	}
	q.remove(b)
	if q.first != a || a.next != c || c.prev != a || q.last != c {
		t.Error("the queue is not linked after the removal of its middle")
	}
	q.remove(a)
	q.remove(c)
	if q.first != nil || q.last != nil {
		t.Error("the queue is not empty")
	}
}
