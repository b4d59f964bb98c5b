package server

import (
	"strconv"
	"time"

	"momentum/netpoll"
	"momentum/protocol"
)

// What is measured takes its times from the clock that the reactor has read anyway, for its turn or for its read.

// shookHands counts a handshake that ends with the 101.
func (sh *shard) shookHands(s *session) {
	sh.count.admitted.Add(1)
	sh.count.handshakes.observe(sh.reactor.Moment().Since(s.asked))
	s.asked = 0
}

// ponged counts a pong's way, if it is the first behind a ping of ours.
func (sh *shard) ponged(s *session) {
	if s.asked != 0 {
		sh.count.pings.observe(sh.reactor.Moment().Since(s.asked))
		s.asked = 0
	}
}

// passOver counts how long the oldest message of a segment took to the last member. The time of a turn is that of
// its beginning, so the clock is read once more, for one round in each tick at the most: a round that takes longer
// than that is thereby always counted, of shorter ones a sample.
func (sh *shard) passOver() {
	posted, over := sh.fanout.PassOver()
	if !over || posted == 0 || sh.fanout.Members() == 0 {
		return
	}
	if tick := sh.reactor.Tick(); tick != sh.count.sampled {
		sh.count.sampled = tick
		sh.count.rounds.observe(sh.server.group.Moment().Since(netpoll.Moment(posted)))
	}
}

// sawLag counts how late a reactor's turn came. The reactor calls it.
func (s *Server) sawLag(reactor int, late time.Duration) { s.counters[reactor].lag.observe(late) }

// closeCodes are the slots for codes that are counted one by one: 1000 to 1015, and two for what applications and
// libraries make up, which are counted together because clients choose them.
const (
	closeCodes   = 18
	libraryCodes = 16 // 3000–3999
	privateCodes = 17 // 4000–4999
)

func codeSlot(code protocol.StatusCode) int {
	switch {
	case code >= 4000:
		return privateCodes
	case code >= 3000:
		return libraryCodes
	case code >= 1000 && code < 1000+libraryCodes:
		return int(code - 1000)
	}
	return int(protocol.StatusNone - 1000)
}

func codeName(slot int) string {
	switch slot {
	case privateCodes:
		return "4xxx"
	case libraryCodes:
		return "3xxx"
	}
	return strconv.Itoa(1000 + slot)
}

// mayFarewell says whether a peer's close can have the code: what may arrive, and none.
func mayFarewell(slot int) bool { return slot != 4 && slot != 6 && slot != 15 }

// mayOffend says whether an offence is told with the code.
func mayOffend(slot int) bool { return slot == 2 || slot == 7 || slot == 9 }

// closedWith counts the code of a close whose reason does not say it.
func (c *counters) closedWith(why Reason, code protocol.StatusCode) {
	switch why {
	case ClosedByPeer:
		c.farewells[codeSlot(code)].Add(1)
	case ClosedProtocol:
		c.offences[codeSlot(code)].Add(1)
	}
}
