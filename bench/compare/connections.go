package main

import (
	"time"

	"momentum/bench/proc"
)

// warm opens and closes some connections, so that the server's first allocations and compilations are not counted.
func (p *process) warm() error {
	f, err := newFleet(p.addr, p.dialect)
	if err != nil {
		return err
	}
	defer f.close()
	return f.connect(warmConnections, func(time.Duration) {})
}

// storm measures handshakes, which come as fast as the server accepts them.
func (p *process) storm(f *fleet, j job) (measurement, error) {
	t := newTally()
	return p.window(t, func() error { return f.connect(j.Connections, t.add) })
}

// heartbeats measures the cost of idle connections: CPU time for a second of a connection.
func (p *process) heartbeats(f *fleet, j job) (measurement, error) {
	t := newTally()
	return p.window(t, func() error {
		t.count = int64(j.Connections) * int64(heartbeatWindow/time.Second)
		for end := time.Now().Add(heartbeatWindow); time.Now().Before(end); { // each run is shorter than a stall
			if err := f.run(listening{}, time.Now().Add(stallTimeout/2)); err != nil {
				return err
			}
		}
		return nil
	})
}

// idle measures by how much open connections increase a server's resident memory. The kernel's memory for them, which is
// more, is the same for all servers.
func (p *process) idle(f *fleet, j job) (m measurement, err error) {
	<-time.After(settle)
	before, err := proc.Resident(p.cmd.Process.Pid)
	if err != nil {
		return m, err
	}
	if err := f.connect(j.Connections, func(time.Duration) {}); err != nil {
		return m, err
	}
	<-time.After(settle)
	after, err := proc.Resident(p.cmd.Process.Pid)
	m.Count = int64(j.Connections)
	m.Resident = max(1, float64(after-before)/float64(j.Connections)) // a server may have had enough memory before; 0 would mean no figure
	return m, err
}
