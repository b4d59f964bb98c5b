package view

import (
	"testing"
	"time"
)

func TestTheShareOfACoreIsThatOfTheTimeInWhichItWasMeasured(t *testing.T) {
	var w reactorWatch
	now := ReactorReading{Lag: *counted(0, 10, 0), Mailbox: 1, Waiting: 2, Queued: 3}
	if r := w.next(&now); r.Processor != nil || *r.Lag < 9.9 || r.Mailbox != 1 || r.Waiting != 2 || r.Queued != 3 {
		t.Errorf("%+v", r)
	}
	now.Processor, now.Watched = 200*time.Millisecond, 500*time.Millisecond
	if r := w.next(&now); r.Processor == nil || *r.Processor != 0.4 {
		t.Errorf("%+v", r)
	}
	for range shareSteps {
		if r := w.next(&now); r.Processor == nil || *r.Processor != 0.4 {
			t.Errorf("the last known share is gone: %+v", r)
		}
	}
	if r := w.next(&now); r.Processor != nil {
		t.Errorf("an old share still stands: %v", *r.Processor)
	}
}
