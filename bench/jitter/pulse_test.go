package jitter

import (
	"testing"
	"time"
)

func TestAPulseHasTheFewestConnections(t *testing.T) {
	var g gauge
	g.connected(+2)
	g.take(0)
	g.connected(-1)
	g.connected(-1)
	g.connected(+1)
	for i, want := range []int{0, 1} { // the second begins with the connections that there are
		if p := g.take(0); p.Open != want {
			t.Errorf("Pulse %d has %d connections, want %d", i, p.Open, want)
		}
	}
}

func TestAPulseHasItsDeliveriesAlone(t *testing.T) {
	var g gauge
	for _, took := range []time.Duration{2, 3, 1} {
		g.delivered(took)
	}
	if p, want := g.take(time.Second), (Pulse{At: time.Second, Delivered: 3, Slowest: 3}); p != want {
		t.Errorf("%+v, want %+v", p, want)
	}
	if p, want := g.take(time.Minute), (Pulse{At: time.Minute}); p != want {
		t.Errorf("%+v, want %+v", p, want)
	}
}

// TestARunIsWatched has a run of more than a second, because it waits for a second after its last message.
func TestARunIsWatched(t *testing.T) {
	o := options(t)
	var all []Pulse
	o.Watch = func(p Pulse) { all = append(all, p) }
	f, err := Run(t.Context(), o)
	if err != nil || len(all) == 0 {
		t.Fatalf("%+v, %v", all, err)
	}
	sum := 0
	for _, p := range all {
		sum += p.Delivered
	}
	if p := all[0]; p.At < time.Second || p.Open != o.Clients || sum != f.Delivered {
		t.Errorf("%+v, want %d connections and %d deliveries", all, o.Clients, f.Delivered)
	}
}

func TestTheAgeOfAMessageIsSinceItsTimestamp(t *testing.T) {
	o := Options{Clients: 1, Length: time.Second, Rate: Rate{Broadcasts: 2}, Watch: func(Pulse) {}}
	c := (&run{Options: o}).newClient(0)
	c.receive([]byte(`{"id":"b0","message_type":"text"}`))
	if p := c.gauge.take(0); p.Delivered != 1 || p.Slowest != 0 {
		t.Errorf("%+v of a message without a timestamp", p)
	}
	c.receive([]byte(`{"id":"b1","message_type":"text","timestamp":"2026-01-02T03:04:05.678Z"}`))
	if p := c.gauge.take(0); p.Delivered != 1 || p.Slowest < time.Hour {
		t.Errorf("%+v of an old message", p)
	}
}
