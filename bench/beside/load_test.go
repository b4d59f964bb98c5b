package main

import "testing"

func TestABroadcastHasArrivedWhenAllHaveIt(t *testing.T) {
	f := welcomed(t, 4)
	b := newBroadcasts(f, 2, 3)
	if b.senders[0] != 0 || b.senders[1] != 2 {
		t.Fatalf("the senders are %v", b.senders)
	}
	b.add(0, 3)
	b.add(2, 3)
	if err := b.flush(); err != nil || b.underway != 6 {
		t.Fatalf("%d are under way, %v", b.underway, err)
	}
	for delivery, want := range []int64{0, 0, 1} { // our sender gets none
		if err := b.receive(&event{content: []byte("b01")}); err != nil || b.count != want {
			t.Errorf("after %d deliveries %d have arrived, %v", delivery+1, b.count, err)
		}
	}
	if b.due[2] != 1 || b.received != 3 {
		t.Errorf("the next message is not due: %v", b.due)
	}
	_ = b.receive(&event{content: []byte("d01")})
	_ = b.receive(&event{kind: isAck})
	if b.received != 3 {
		t.Error("another event counts")
	}
}

func TestALoadEndsWhenNothingIsOnItsWay(t *testing.T) {
	l := newChats(welcomed(t, 2), 2)
	l.stopping, l.underway = true, 1
	if err := l.receive(&event{content: []byte("d")}); err != nil || l.count != 1 || len(l.active) != 0 {
		t.Errorf("%d have arrived, %d clients send, %v", l.count, len(l.active), err)
	}
	if err := l.receive(&event{content: []byte("d")}); err != errTooMany {
		t.Errorf("a message that nobody sent: %v", err)
	}
}
