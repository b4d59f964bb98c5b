package redis

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"momentum/server/cluster"
)

func TestTheOutboxCopiesMessages(t *testing.T) {
	o := newOutbox(1 << 20)
	json, id := []byte("json"), []byte("id")
	o.add(cluster.Message{To: user(1), JSON: json, Once: cluster.Once{Sender: uuid.UUID{1}, ID: id}}, time.Now())
	big := make([]byte, 2*slab)
	o.add(cluster.Message{JSON: big}, time.Now())
	clear(json)
	clear(id)
	taken := o.take(nil)
	if len(taken) != 2 || string(taken[0].json) != "json" || string(taken[0].id) != "id" || len(taken[1].json) != len(big) {
		t.Errorf("%+v", taken)
	}
	select {
	case <-o.wake:
	default:
		t.Error("the writer is not woken")
	}
}

func TestTheOutboxIsBoundedUntilMessagesAreSettled(t *testing.T) {
	o := newOutbox(3*messageBytes + 30)
	m := cluster.Message{JSON: make([]byte, 10)}
	for i := range 4 {
		if ok := o.add(m, time.Time{}); ok != (i < 3) {
			t.Errorf("message %d: %v", i, ok)
		}
	}
	taken := o.take(nil)
	if o.add(m, time.Time{}) {
		t.Error("messages that are not settled do not count")
	}
	o.settled(taken[:1])
	if !o.add(m, time.Time{}) || o.size() != 3*messageBytes+30 {
		t.Errorf("%d bytes after a message was settled", o.size())
	}
}

func TestTheOutboxIsEmptyWhenAllMessagesAreSettled(t *testing.T) {
	o := newOutbox(1 << 20)
	isClosed := func(c <-chan struct{}) bool {
		select {
		case <-c:
			return true
		default:
			return false
		}
	}
	if !isClosed(o.empty()) {
		t.Error("a new outbox is not empty")
	}
	o.add(cluster.Message{}, time.Time{})
	o.add(cluster.Message{}, time.Time{})
	first, second := o.empty(), o.empty()
	taken := o.take(nil)
	o.settled(taken[:1])
	if isClosed(first) || isClosed(second) {
		t.Error("the outbox is empty while a message has no outcome")
	}
	o.settled(taken[1:])
	if !isClosed(first) || !isClosed(second) || !isClosed(o.empty()) {
		t.Error("the outbox is not empty")
	}
}

func TestMessagesForManyWaitForOthers(t *testing.T) {
	o := newOutbox(1 << 20)
	alarms := 0
	o.later = func(wait time.Duration) {
		if alarms++; wait != time.Millisecond {
			t.Errorf("the alarm is set to %v", wait)
		}
	}
	isWoken := func() bool { return len(o.wake) > 0 }
	many, one := cluster.Message{To: broadcast, Wait: time.Millisecond}, cluster.Message{To: user(1)}
	o.add(many, time.Time{})
	o.add(many, time.Time{})
	if alarms != 1 || isWoken() {
		t.Errorf("two messages for many: %d alarms, the writer is woken: %v", alarms, isWoken())
	}
	o.add(one, time.Time{})
	if !isWoken() {
		t.Error("a direct message waits")
	}
	<-o.wake
	o.take(nil)
	o.take(nil) // nothing, after each round trip
	for range loneMessages {
		o.add(many, time.Time{})
		o.take(nil)
	}
	if alarms != 1+loneMessages || isWoken() {
		t.Errorf("%d alarms for %d messages for many, the writer is woken: %v", alarms-1, loneMessages, isWoken())
	}
	o.add(many, time.Time{})
	if alarms != 1+loneMessages || !isWoken() {
		t.Errorf("a message that is probably alone waits, %d alarms", alarms)
	}
	<-o.wake
	o.add(one, time.Time{})
	<-o.wake
	o.take(nil)
	o.add(many, time.Time{})
	if alarms != 2+loneMessages || isWoken() {
		t.Errorf("after two messages at once the next does not wait, %d alarms", alarms)
	}
}
