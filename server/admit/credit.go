package admit

import "math"

// tenths is the unit of credit, tenths of a message: a tick is a tenth of a second, so a limit of n messages a second
// earns n tenths a tick, and all sums are whole numbers.
const tenths = 10

// Credit is a token bucket of messages: 8 bytes of each session.
type Credit struct {
	left   int32  // tenths of a message
	earned uint32 // tick up to which credit was given
}

// NewCredit returns a full burst, less the credit that the user's ended connections had not earned back, so that
// reconnecting gains no messages. full is the tick at which theirs would be full again; after forgotten ticks it no
// longer counts. Without a limit, the credit is the largest that a later limit can give.
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

// Spend charges a message of so many bytes, and reports whether the credit was enough. The price is one message for
// each bytesPerMessage begun, because the cost for the other clients grows with the size. A full burst pays for any
// message, so that none is refused forever.
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

// Owe charges the part of an inflated message's price that its compressed bytes have not paid. The message is
// inflated by then, so it is not refused; negative credit is earned back before the next message.
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
