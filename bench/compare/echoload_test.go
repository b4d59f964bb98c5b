package main

import (
	"testing"
	"time"
)

func TestEchoLoadKeepsOneMessageOfEachConnectionOnItsWay(t *testing.T) {
	f := connectFleet(t, plainServer{newMembers(), false}, &plainDialect, 20)
	e := &echoLoad{newTally(), textFrame(200)}
	if err := e.begin(f); err != nil {
		t.Fatal(err)
	}
	runUntil(t, f, e, e.tally, 100)
	if e.micros(50) <= 0 {
		t.Errorf("%d echoes, half of them in %f µs", e.count, e.micros(50))
	}
}

func TestATallyCountsSinceItWasCleared(t *testing.T) {
	c := newTally()
	c.add(time.Second)
	c.clear()
	for i := range 100 {
		c.add(time.Duration(1+i) * time.Millisecond)
	}
	if p50, p99 := c.micros(50), c.micros(99); c.count != 100 || p50 < 49_900 || p50 > 50_100 || p99 < 98_900 || p99 > 99_100 {
		t.Errorf("%d counted, p50 %f µs, p99 %f µs", c.count, p50, p99)
	}
}
