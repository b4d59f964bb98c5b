package admit

import "math"

// tenths of a message are what credit is counted in: a tick is a tenth of a second, so a limit of n messages a second
// earns n tenths a tick, and everything stays in whole numbers.
const tenths = 10

// Credit is a token bucket of messages: 8 bytes of each session.
type Credit struct {
	left   int32  // tenths of a message
	earned uint32 // tick up to which credit was given
}

// NewCredit returns a full burst, less what is missing still of the credit that the user's connections had when they
// ended, so that no client gets more messages by coming again and again: full is the tick at which that would be full
// again. forgotten is for how many ticks it is remembered. Without a limit there is as much as any limit may give that is
// set later.
func NewCredit(perSecond int, now, full uint32, forgotten int64) Credit {
	if perSecond == 0 {
		return Credit{math.MaxInt32, now}
	}
	missing := int64(int32(full - now))
	if missing < 0 || missing > 2*forgotten { // it was full before now, or before anything can be remembered
		missing = 0
	}
	return Credit{int32(burst(perSecond) - missing*int64(perSecond)), now}
}

// Spend takes a message of so many bytes off the credit, and says whether there was enough. It counts as one message for
// each bytesPerMessage it begins, since what it costs everybody else grows with its size; a full burst pays for any one
// message, so that none is refused for ever.
func (c *Credit) Spend(perSecond, bytes int, now uint32) bool {
	if perSecond == 0 {
		return true
	}
	cost := price(perSecond, bytes)
	c.left = int32(min(burst(perSecond), int64(c.left)+int64(now-c.earned)*int64(perSecond)))
	c.earned = now
	if c.left < cost {
		return false
	}
	c.left -= cost
	return true
}

// Owe takes off what an inflated message costs above what its compressed bytes have paid: the larger of the two is the
// price. It is inflated by then, so it cannot be refused; credit below zero is earned back before the next message.
func (c *Credit) Owe(perSecond, paid, bytes int) {
	c.left -= max(0, price(perSecond, bytes)-price(perSecond, paid))
}

// Full returns the tick at which the credit would be full again, if nothing more were spent, but no later than forgotten
// ticks after now.
func (c *Credit) Full(perSecond int, forgotten int64) uint32 {
	if perSecond == 0 {
		return c.earned
	}
	missing := max(0, burst(perSecond)-int64(c.left)+int64(perSecond)-1) / int64(perSecond)
	return c.earned + uint32(min(missing, forgotten))
}

// price is the cost of a message of so many bytes.
func price(perSecond, bytes int) int32 {
	return int32(min(burst(perSecond), int64(tenths*(1+bytes/bytesPerMessage))))
}

// burst is the most credit there can be.
func burst(perSecond int) int64 { return int64(perSecond) * tenths * BurstSeconds }
