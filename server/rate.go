package server

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
	most := int64(perSecond) * tenths * rateBurst
	cost := int32(min(most, int64(tenths*(1+size/bytesPerMessage))))
	s.credit = int32(min(most, int64(s.credit)+int64(now-s.earned)*int64(perSecond)))
	s.earned = now
	if s.credit < cost {
		return false
	}
	s.credit -= cost
	s.refused = 0
	return true
}

// fill gives a new session its full burst.
func (s *session) fill(perSecond int, now uint32) {
	s.credit, s.earned = int32(perSecond*tenths*rateBurst), now
}
