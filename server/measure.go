package server

import "momentum/netpoll"

// passMeter measures the passes of a reactor's fan-out.
type passMeter struct {
	*base
	sampled uint32 // the tick in which a pass was measured last
}

// record records how long the oldest message of a segment took to reach the last member. The time of a turn is taken
// at its beginning, so the clock is read once more, for at most one pass in each tick. A pass that takes longer than a
// tick is thereby always recorded; the shorter ones are sampled.
func (p *passMeter) record() {
	posted := p.fanout.PassOver()
	if posted == 0 {
		return
	}
	if tick := p.reactor.Tick(); tick != p.sampled {
		p.sampled = tick
		p.count.Passes.Observe(p.node.group.Moment().Since(netpoll.Moment(posted)))
	}
}
