package main

import (
	"strings"
	"testing"
	"time"
)

// Latency counts from when a ping was due, so that a stall appears in the latency of every ping that was due during it.
func TestAStallAppearsInEveryLatency(t *testing.T) {
	start := time.Unix(1_700_000_000, 0)
	r := newResult()
	r.sent = 101
	for i := range 100 {
		due := start.Add(time.Duration(i) * 10 * time.Millisecond)
		r.pong(due, start.Add(time.Second))
	}
	var out strings.Builder
	r.print(&out)
	// The histogram keeps three digits and returns the upper end of each step.
	const want = "sent        101\nreceived    100\nlost        1\nthroughput  100.0 messages/s over 1.000 s\n" +
		"latency p50 500.223 ms\nlatency p90 900.095 ms\nlatency p99 990.207 ms\nlatency max 1000.447 ms\n"
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}

func TestWithoutPongsThereIsNoLatency(t *testing.T) {
	var out strings.Builder
	r := newResult()
	r.sent = 2
	r.print(&out)
	if want := "sent        2\nreceived    0\nlost        2\n"; out.String() != want {
		t.Errorf("got\n%s", out.String())
	}
}
