package main

import (
	"time"

	"momentum/bench/proc"
)

// warmUp opens and closes some connections, so that what a server allocates or compiles only once is not measured.
func (p *process) warmUp() error {
	f, err := newFleet(p.addr, p.dialect)
	if err != nil {
		return err
	}
	defer f.close()
	return f.connect(warmConnections, func(time.Duration) {})
}

// storm measures handshakes at the rate that the server achieves.
func (p *process) storm(f *fleet, j job) (measurement, error) {
	t := newTally()
	return p.window(t, func() error { return f.connect(j.Connections, t.add) })
}

// heartbeats measures the CPU time for each second of an idle connection.
func (p *process) heartbeats(f *fleet, j job) (measurement, error) {
	t := newTally()
	return p.window(t, func() error {
		t.count = int64(j.Connections) * int64(heartbeatWindow/time.Second)
		for end := time.Now().Add(heartbeatWindow); time.Now().Before(end); { // in steps that are shorter than stallTimeout
			if err := f.play(silent{}, time.Now().Add(stallTimeout/2)); err != nil {
				return err
			}
		}
		return nil
	})
}

// idle measures how much memory open connections add to a server's resident memory. The kernel's memory for them is
// larger, and the same for all servers.
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
	m.Resident = max(1, float64(after-before)/float64(j.Connections)) // 0 would mean that there is no figure
	return m, err
}
