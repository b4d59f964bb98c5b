package storm

import (
	"testing"
	"time"
)

func TestTheCostIsWhatHandshakesAdd(t *testing.T) {
	var c cost
	if each, measured := c.of(); measured || each != CostGuess {
		t.Errorf("%v before any", each)
	}
	c.observe(&Sample{Admitted: 5, Processor: 100 * time.Millisecond}) // messages alone
	c.observe(&Sample{Admitted: 1000, Abandoned: 1000, Processor: 130 * time.Millisecond})
	if each, measured := c.of(); !measured || each != 15*time.Microsecond {
		t.Errorf("%v for 30 ms of 2,000 handshakes", each)
	}
	c.observe(&Sample{Admitted: 1000, Processor: 131 * time.Millisecond})
	if each, _ := c.of(); each != 19*time.Microsecond {
		t.Errorf("a second of 31 µs changes 15 µs to %v, want a quarter of the way", each)
	}
	c.observe(&Sample{Admitted: 1000})
	if each, _ := c.of(); each != 19*time.Microsecond {
		t.Errorf("a step without processor time changes the cost to %v", each)
	}
}
