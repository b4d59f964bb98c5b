package server

import (
	"time"

	"momentum/netpoll"
)

// Measurements use the time that the reactor has read anyway, for its turn or for its read.

// countHandshake counts a handshake that ends with the 101.
func (sh *shard) countHandshake(s *session) {
	sh.count.Admitted.Add(1)
	sh.count.Handshakes.Observe(sh.reactor.Moment().Since(s.asked))
	s.asked = 0
}

// recordPong records the time from a ping of ours to its first pong.
func (sh *shard) recordPong(s *session) {
	if s.asked != 0 {
		sh.count.Pings.Observe(sh.reactor.Moment().Since(s.asked))
		s.asked = 0
	}
}

// recordPass records how long the oldest message of a segment took to reach the last member. The time of a turn is taken
// at its beginning, so the clock is read once more, for at most one pass in each tick. A pass that takes longer than a
// tick is thereby always recorded; the shorter ones are sampled.
func (sh *shard) recordPass() {
	posted := sh.fanout.PassOver()
	if posted == 0 {
		return
	}
	if tick := sh.reactor.Tick(); tick != sh.sampled {
		sh.sampled = tick
		sh.count.Passes.Observe(sh.server.group.Moment().Since(netpoll.Moment(posted)))
	}
}

// recordLag records how late a reactor's turn came. The reactor calls it.
func (s *Server) recordLag(reactor int, late time.Duration) { s.counters[reactor].Lag.Observe(late) }
