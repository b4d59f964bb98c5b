package storm

import "time"

// cost measures the processor time of a handshake: the time of a step with many handshakes, minus the time of the last calm step, which
// stands for all other work of the process.
type cost struct {
	each  time.Duration // 0: not measured yet
	quiet time.Duration // processor time of the last step without many handshakes
}

func (c *cost) observe(step *Sample) {
	switch {
	case step.Processor <= 0:
	case step.Admitted < leastMeasured:
		c.quiet = step.Processor
	case step.Processor > c.quiet:
		each := (step.Processor - c.quiet) / time.Duration(step.arrivals())
		if c.each == 0 {
			c.each = each
		} else {
			c.each += (each - c.each) * costWeight / 16
		}
	}
}

// of returns the processor time of a handshake, and whether it was measured.
func (c *cost) of() (each time.Duration, measured bool) {
	if c.each == 0 {
		return CostGuess, false
	}
	return c.each, true
}
