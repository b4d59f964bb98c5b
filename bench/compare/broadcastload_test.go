package main

import (
	"errors"
	"testing"
	"time"
)

var smallBroadcasts = []job{broadcast(15, 1, 1), broadcast(15, 1, 16), broadcast(15, 4, 1)}

func TestBroadcastLoadCountsEveryDelivery(t *testing.T) {
	for _, j := range smallBroadcasts {
		t.Run(j.Name, func(t *testing.T) {
			f := connectFleet(t, plainServer{newMembers(), true}, &plainDialect, j.Connections)
			b := newBroadcastLoad(j, &plainDialect)
			if err := b.begin(f); err != nil {
				t.Fatal(err)
			}
			runUntil(t, f, b, b.tally, 2*j.Connections*j.Senders*j.Outstanding)
		})
	}
}

// TestBroadcastLoadAmongUsers: the sender gets no message of its own, and arrivals are not counted.
func TestBroadcastLoadAmongUsers(t *testing.T) {
	for _, j := range smallBroadcasts {
		t.Run(j.Name, func(t *testing.T) {
			f := connectFleet(t, productServer{newMembers()}, &productDialect, j.Connections)
			b := newBroadcastLoad(j, &productDialect)
			if err := b.begin(f); err != nil {
				t.Fatal(err)
			}
			runUntil(t, f, b, b.tally, 2*(j.Connections-1)*j.Senders*j.Outstanding)
		})
	}
}

// TestBroadcastLoadFindsWrongDeliveries: a message that comes twice, and one that nobody sent.
func TestBroadcastLoadFindsWrongDeliveries(t *testing.T) {
	f := connectFleet(t, plainServer{newMembers(), true}, &plainDialect, 2)
	b := newBroadcastLoad(broadcast(2, 1, 1), &plainDialect)
	if err := b.begin(f); err != nil {
		t.Fatal(err)
	}
	c := &f.conns[0]
	c.stream.size = broadcastBytes
	if err := b.received(f, c, time.Now()); err != nil {
		t.Error(err)
	}
	if err := b.received(f, c, time.Now()); !errors.Is(err, errDuplicate) {
		t.Errorf("a message that came twice: %v", err)
	}
	c.stream.size++
	if err := b.received(f, c, time.Now()); err == nil {
		t.Error("a message of no sender is no error")
	}
}
