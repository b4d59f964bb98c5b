package server

import "momentum/netpoll"

// ByHand is the Options.AdmissionWorkers with which tokens are checked by JudgeNext: what goroutines do in the
// real world, a simulated one does when it wants it done.
const ByHand = -1

// JudgeNext does a worker's work for the handshake that has waited longest, and names its connection; false
// says that none waits.
func (s *Server) JudgeNext() (netpoll.Handle, bool) {
	select {
	case h := <-s.admission.queue:
		connection := h.handle
		s.admission.judge(h, s.options.Now())
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
