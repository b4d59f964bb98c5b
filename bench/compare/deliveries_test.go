package main

import (
	"slices"
	"strings"
	"testing"

	"momentum/bench/jitter"
)

func TestALossIsNeverRoundedAway(t *testing.T) {
	for want, d := range map[float64]*deliveries{
		100:   {jitter.Figures{Sent: 1e6, Delivered: 1e6}},
		99.99: {jitter.Figures{Sent: 1e6, Delivered: 1e6 - 1}},
		0:     nil,
	} {
		if got := d.delivered(); got != want {
			t.Errorf("%v, want %v", got, want)
		}
	}
}

// TestAJitterTableNeedsOneRound, of momentum serve and of both rivals.
func TestAJitterTableNeedsOneRound(t *testing.T) {
	j := jittery(1000)
	r := record{Rounds: 1, Jobs: []job{j}}
	for _, s := range allServers {
		if j.appliesTo(s) {
			r.Measurements = append(r.Measurements, measurement{Round: 1, Server: s.name, Job: j.Name,
				CPUMicros: 50, PerSecond: 1e4, Jitter: &deliveries{jitter.Figures{Sent: 12000, Delivered: 9000, Cuts: 7}}})
		}
	}
	if !r.complete(j) {
		t.Error("incomplete")
	}
	if table := (&result{j, &r}).table(); !strings.Contains(table, "| bun | 75.00 | 12,000 | 3,000 | 0 | 0 | 7 | 0 | 50 % |") {
		t.Errorf("no row of bun in\n%s", table)
	}
	r.Measurements = slices.DeleteFunc(r.Measurements, func(m measurement) bool { return m.Server == nodeWS })
	if r.complete(j) {
		t.Error("complete without a rival")
	}
}
