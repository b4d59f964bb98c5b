package load

import (
	"time"

	"momentum/bench/proc"
)

// server is what the loop asks the kernel about the server at the turns of a run. It never waits for that.
type server struct {
	pid    int // 0: not known
	silent bool

	began, admitted, talks, ended time.Duration // CPU time by then
	base, talking, end            int64         // resident bytes: before anybody came, when talking began, at the end
	crowd                         int           // connections at the end
}

func (s *server) begin() { s.look(&s.began, &s.base) }

// look reads CPU and memory into where they belong. A server that has gone has no figures.
func (s *server) look(cpu *time.Duration, memory *int64) {
	if s.pid == 0 {
		return
	}
	used, err := proc.CPU(s.pid)
	size, err2 := proc.Resident(s.pid)
	if err != nil || err2 != nil {
		s.silent = true
		return
	}
	*cpu, *memory = used, size
}

func (f *fleet) serverMetrics(s *sheet) {
	v := &f.server
	if v.pid == 0 || v.silent {
		return
	}
	took := time.Duration(f.departed)
	s.add("server_cpu", float64(v.ended-v.began)/float64(max(1, took)), Cores, None) // a server that admits faster takes more of them
	s.cost("server_cpu_per_handshake", v.admitted-v.began, f.admission.entered)
	if f.traffic.received > 0 {
		s.cost("server_cpu_per_delivery", v.ended-v.talks, f.traffic.received)
	}
	if v.crowd == 0 {
		return
	}
	s.add("server_memory_per_connection", float64(max(0, v.end-v.base))/float64(v.crowd), Bytes, Lower)
	if f.test == Sustained {
		s.add("drift_memory_per_connection", float64(v.end-v.talking)/float64(v.crowd), Bytes, None)
	}
}

// cost is CPU time by what it was spent on.
func (s *sheet) cost(name string, cpu time.Duration, on int) {
	if on > 0 {
		s.add(name, float64(cpu)/float64(time.Microsecond)/float64(on), Microseconds, Lower)
	}
}
