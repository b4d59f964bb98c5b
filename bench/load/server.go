package load

import (
	"time"

	"momentum/bench/proc"
)

// server is the CPU and memory of the server process at certain times of a run. The loop reads them itself, which never
// blocks.
type server struct {
	pid        int  // 0: unknown
	unreadable bool // a reading has failed

	cpuBegin, cpuAdmitted, cpuSending, cpuEnd time.Duration // CPU time used until then
	memoryBegin, memorySending, memoryEnd     int64         // resident bytes
	connections                               int           // connections at the end
}

func (s *server) begin() { s.read(&s.cpuBegin, &s.memoryBegin) }

// read reads CPU time and memory into the fields. A server that has ended has no figures.
func (s *server) read(cpu *time.Duration, memory *int64) {
	if s.pid == 0 {
		return
	}
	used, err := proc.CPU(s.pid)
	size, err2 := proc.Resident(s.pid)
	if err != nil || err2 != nil {
		s.unreadable = true
		return
	}
	*cpu, *memory = used, size
}

func serverMetrics(f *fleet, s *metricList) {
	v := &f.server
	if v.pid == 0 || v.unreadable {
		return
	}
	took := time.Duration(f.closingBegan)
	s.add("server_cpu", float64(v.cpuEnd-v.cpuBegin)/float64(max(1, took)), Cores, None) // not compared: a faster server uses more of them
	s.addCost("server_cpu_per_handshake", v.cpuAdmitted-v.cpuBegin, f.admission.entered)
	if f.traffic.received > 0 {
		s.addCost("server_cpu_per_delivery", v.cpuEnd-v.cpuSending, f.traffic.received)
	}
	if v.connections == 0 {
		return
	}
	s.add("server_memory_per_connection", float64(max(0, v.memoryEnd-v.memoryBegin))/float64(v.connections), Bytes, Lower)
	if f.test == Sustained {
		s.add("drift_memory_per_connection", float64(v.memoryEnd-v.memorySending)/float64(v.connections), Bytes, None)
	}
}

// addCost adds CPU time divided by the number of operations that took it.
func (s *metricList) addCost(name string, cpu time.Duration, operations int) {
	if operations > 0 {
		s.add(name, float64(cpu)/float64(time.Microsecond)/float64(operations), Microseconds, Lower)
	}
}
