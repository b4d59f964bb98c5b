package main

import (
	"math"

	"momentum/bench/jitter"
)

// deliveries are what became of the messages to clients that are cut off.
type deliveries struct{ jitter.Figures }

// delivered returns the percentage that was delivered, in hundredths and never rounded up.
func (d *deliveries) delivered() float64 {
	if d == nil {
		return 0
	}
	return math.Floor(100*d.Percent()) / 100
}
