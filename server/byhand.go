package server

import "momentum/netpoll"

// ByHand is the Options.AdmissionWorkers with which tokens are checked by CheckNext: a simulated world
// decides itself when.
const ByHand = -1

// CheckNext makes the check that has waited longest, as a worker would, and names its connection; false means that none
// waits.
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

// BeginAudit is Audit without the waiting: the verdict may be asked for when every reactor has had its turn.
func (s *Server) BeginAudit() (verdict func() error) {
	a := s.startAudit()
	return func() error { return s.judge(a) }
}
