package main

import (
	"testing"
	"time"
)

func TestAStreamCountsWhatBecameOfEachMessage(t *testing.T) {
	f := welcomed(t, 2)
	s := newStream(f)
	s.sent = 6
	for _, e := range []event{
		{kind: isAck, ack: 1}, {client: 1, content: []byte("d00000001a")}, // arrives
		{kind: isAck, ack: 2},     // lost
		{kind: isRefusal, ack: 3}, // refused
		{kind: isAck, ack: 5}, {client: 1, content: []byte("d00000006a")}, {client: 1, content: []byte("d00000005a")}, {client: 1, content: []byte("d00000005a")},
		{kind: isRefusal, code: "error"}, {client: 0, content: []byte("d00000004a")}, {client: 1, content: []byte("b04")},
	} {
		if err := f.onMessage(&e); err != nil {
			t.Fatal(err)
		}
	}
	expect(t, s.tally(), tally{ackedLost: 1, openLost: 1, refused: 1, twice: 1, disordered: 2})
}

func TestMessagesFlowWhenOneThatWasSentSinceArrives(t *testing.T) {
	s := newStream(welcomed(t, 2))
	s.awaited = 3
	_ = s.receive(&event{client: 1, content: []byte("d00000002a")})
	if !s.flows.IsZero() {
		t.Error("a message from before counts")
	}
	_ = s.receive(&event{client: 1, content: []byte("d00000004a")})
	if s.flows.IsZero() {
		t.Error("messages do not flow")
	}
}

func TestAStreamSendsWhatIsDue(t *testing.T) {
	s := newStream(welcomed(t, 2))
	s.next = time.Now().Add(-3*pace - pace/2)
	if err := s.tick(); err != nil || s.sent != 4 {
		t.Errorf("%d are sent, %v", s.sent, err)
	}
	s.fleet.hold = true
	s.fleet.cut()
	s.next = time.Now()
	if err := s.tick(); err != nil || s.sent != 4 || s.unsent != 1 {
		t.Errorf("%d are sent without a connection, %d not, %v", s.sent, s.unsent, err)
	}
}

func TestCodesOfTheServerAreListed(t *testing.T) {
	f := &fleet{codes: map[string]int{"b": 2, "a": 1}, closed: 3}
	expect(t, said(f), "a (1), b (2), connections ended (3)")
	expect(t, said(&fleet{}), "nothing")
}
