package client

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"
)

func filled(n int, deadline time.Time) *outbox {
	o := new(outbox)
	for i := range n {
		o.add(&Delivery{id: fmt.Sprint(i), payload: fmt.Append(nil, i), deadline: deadline, done: make(chan struct{})})
	}
	return o
}

func sent(payloads [][]byte) (text string) {
	for _, p := range payloads {
		text += string(p) + " "
	}
	return text
}

func TestMessagesAreSentOnceAndInOrder(t *testing.T) {
	now := time.Unix(1000, 0)
	o := filled(4, now.Add(time.Hour))
	if got := sent(o.due(now)); got != "0 1 2 3 " {
		t.Error(got)
	}
	if got := sent(o.due(now)); got != "" {
		t.Error("again:", got)
	}
	if !o.acknowledge("1", []byte(`{"seq":7}`)) || o.acknowledge("1", []byte(`{}`)) || o.acknowledge("9", []byte(`{}`)) {
		t.Error("an ack is for one message")
	}
	o.reconnect()
	if got := sent(o.due(now)); got != "0 2 3 " {
		t.Error("after a reconnect:", got)
	}
}

func TestFewMessagesAreUnderWayUntilMoreAreAcknowledged(t *testing.T) {
	now := time.Unix(1000, 0)
	o := filled(250, now.Add(time.Hour))
	next, most := 0, 0
	for acks := range 210 {
		o.due(now)
		underWay := 0
		for _, d := range o.waiting {
			if d.sent {
				underWay++
			}
		}
		if want := min(maxUnderWay, leastUnderWay+acks/acksForOneMore); underWay != want {
			t.Fatalf("after %d acks: %d under way, want %d", acks, underWay, want)
		}
		most = max(most, underWay)
		o.acknowledge(fmt.Sprint(next), []byte("{}"))
		next++
	}
	if most != maxUnderWay {
		t.Error(most)
	}
	o.again("")
	o.pause(now, func(int) time.Duration { return time.Second })
	if o.due(now) != nil || len(o.due(now.Add(time.Second))) != leastUnderWay {
		t.Error("not few after a refusal")
	}
	o.refuse(&Error{RefID: fmt.Sprint(next), Code: "bad_user_id"})
	if got := sent(o.due(now.Add(time.Second))); got != fmt.Sprint(next+leastUnderWay, " ") {
		t.Error(got)
	}
}

func TestPausesGrowUntilAnAck(t *testing.T) {
	now := time.Unix(1000, 0)
	o := filled(2, now.Add(time.Hour))
	length := func(n int) time.Duration { return time.Duration(n+1) * time.Second }
	o.due(now)
	for n, again := range []string{"0", "1"} { // the second refusal belongs to the first pause
		if !o.again(again) || o.again(again) {
			t.Error(n, "not marked once")
		}
		o.pause(now, length)
	}
	if o.due(now) != nil || o.alarm(now) != now.Add(time.Second) {
		t.Error("no pause:", o.alarm(now))
	}
	now = now.Add(time.Second)
	if got := sent(o.due(now)); got != "0 1 " {
		t.Error(got)
	}
	o.again("")
	o.pause(now, length)
	if o.alarm(now) != now.Add(2*time.Second) {
		t.Error("the second pause:", o.alarm(now).Sub(now))
	}
	o.acknowledge("0", []byte("{}"))
	now = now.Add(2 * time.Second)
	o.pause(now, length)
	if o.alarm(now) != now.Add(time.Second) {
		t.Error("after an ack:", o.alarm(now).Sub(now))
	}
}

func TestMessagesExpire(t *testing.T) {
	now := time.Unix(1000, 0)
	o := filled(1, now)
	d := o.waiting[0]
	if o.alarm(now) != now {
		t.Error(o.alarm(now))
	}
	o.expire(now.Add(-1))
	if len(o.waiting) != 1 {
		t.Error("too early")
	}
	o.expire(now)
	_, err := d.Wait(context.Background())
	if fault := new(Error); !errors.As(err, &fault) || fault.Code != "expired" || !o.alarm(now).IsZero() {
		t.Error(err)
	}
}

func TestAWaitEndsWithItsContext(t *testing.T) {
	o := filled(1, time.Unix(1000, 0))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := o.waiting[0].Wait(ctx); !errors.Is(err, context.Canceled) || len(o.waiting) != 1 {
		t.Error(err)
	}
	d := o.waiting[0]
	o.acknowledge(d.ID(), []byte("7"))
	if <-d.Done(); d.err == nil {
		t.Error("an ack that cannot be read is no success")
	}
}
