package admit

// Controls counts the pings and pongs of a client. They cost no message's credit: a client above the rate limit must still
// be able to answer a ping.
type Controls uint16

// Pass forgives the pings and pongs that so many ticks have paid for.
func (c *Controls) Pass(ticks uint32) {
	*c -= Controls(min(uint32(*c), ticks*controlsPerTick))
}

// Count counts one, and reports whether it is within the limit.
func (c *Controls) Count() bool {
	*c++
	return *c <= ControlBurst
}
