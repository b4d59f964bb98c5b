package server

import (
	"momentum/netpoll"
	"momentum/server/heavy"
)

// ByHand is the value of Options.AdmissionWorkers with which only CheckNext checks tokens: a simulation decides when.
const ByHand = -1

// CheckNext makes the check that has waited longest, as a worker would, and returns its connection. It returns false
// if no check waits.
func (s *Server) CheckNext() (netpoll.Handle, bool) {
	select {
	case c := <-s.checks.queue:
		connection := c.handle
		s.checks.check(c, s.options.Now())
		return connection, true
	default:
		return 0, false
	}
}

// BeginAudit is Audit without the wait. The result is complete after every reactor has had a turn.
func (s *Server) BeginAudit() (verdict func() error) {
	a := s.startAudit()
	return func() error { return s.checkTotals(a) }
}

// BeginHeaviest is Reach.Heaviest for the last minute on this node, without the wait. The result is complete after every reactor has
// had a turn.
func BeginHeaviest(s *Server, by heavy.Measure) (rows func() []ConnectionRow) {
	q := heaviestQuestion{By: by, Seconds: 60, Limit: heavy.Listed}
	steps := finder{&s.node}.heaviestSteps(q)
	finder{&s.node}.begin(steps)
	return func() []ConnectionRow { return sortHeaviest(finder{&s.node}.collect(steps), q) }
}
