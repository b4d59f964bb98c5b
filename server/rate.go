package server

import "math"

// A token bucket for each session. Credit is counted in tenths of a message, because a tick is a tenth of a
// second: a limit of n messages a second earns n tenths a tick, and everything stays in whole numbers.
const tenths = 10

// spend takes a message of so many bytes off the session's credit, and says whether there was enough. It counts
// as one message for each bytesPerMessage it begins, since what it costs everybody else grows with its size; a full
// burst pays for any one message, so that none is refused for ever.
func (s *session) spend(perSecond, size int, now uint32) bool {
	if perSecond == 0 {
		return true
	}
	cost := price(perSecond, size)
	s.credit = int32(min(burst(perSecond), int64(s.credit)+int64(now-s.earned)*int64(perSecond)))
	s.earned = now
	if s.credit < cost {
		return false
	}
	s.credit -= cost
	s.refused = 0
	return true
}

// owe takes off what an inflated message costs beyond what its compressed bytes have paid: the larger of the two is
// the price. It is inflated by then, so there is no asking; a credit below zero is earned back before the next.
func (s *session) owe(perSecond, paid, size int) {
	s.credit -= max(0, price(perSecond, size)-price(perSecond, paid))
}

// price is what a message of so many bytes costs.
func price(perSecond, size int) int32 {
	return int32(min(burst(perSecond), int64(tenths*(1+size/bytesPerMessage))))
}

// burst is the most credit there can be.
func burst(perSecond int) int64 { return int64(perSecond) * tenths * rateBurst }

// fill gives a new session its burst, but for what is missing still of the credit that its user's connections had
// when they ended: nobody gets more messages by coming again and again. Without a limit it has the burst of any that
// may be set while it lives.
func (s *session) fill(perSecond int, now, whole uint32) {
	if perSecond == 0 {
		s.credit, s.earned = math.MaxInt32, now
		return
	}
	missing := int64(int32(whole - now))
	if missing < 0 || missing > 2*mostMissing { // it was whole before now, or before anybody can remember
		missing = 0
	}
	s.credit, s.earned = int32(burst(perSecond)-missing*int64(perSecond)), now
}

// whole is the tick at which the session's credit would be whole again, if nothing more were spent. What is missing for
// longer than its user is remembered for is forgotten with them, and so it is here.
func (s *session) whole(perSecond int) uint32 {
	if perSecond == 0 {
		return s.earned
	}
	missing := max(0, burst(perSecond)-int64(s.credit)+int64(perSecond)-1) / int64(perSecond)
	return s.earned + uint32(min(missing, mostMissing))
}

// hear notes that a frame has come, and forgives the pings and pongs that time has paid for since the last one.
func (s *session) hear(now uint32) {
	if passed := now - s.seen; passed > 0 {
		s.controls -= uint16(min(uint32(s.controls), passed*controlsPerTick))
	}
	s.seen, s.pinged = now, noTick
}

// mayControl counts a ping or a pong, and says whether it is within the bound. What it costs is no message's credit: a
// client above the rate limit must still be able to answer a ping.
func (s *session) mayControl() bool {
	s.controls++
	return s.controls <= controlBurst
}
