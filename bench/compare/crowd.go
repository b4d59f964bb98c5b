package main

import (
	"time"

	"momentum/bench/proc"
)

// warm has some connections come and go, so that what a server allocates or compiles once is not counted.
func (p *process) warm() error {
	f, err := newFleet(p.addr, p.speaks)
	if err != nil {
		return err
	}
	defer f.close()
	return f.connect(warmConnections, func(time.Duration) {})
}

// storm measures handshakes that come as fast as the server takes them.
func (p *process) storm(f *fleet, j job) (measurement, error) {
	t := newTally()
	return p.window(t, func() error { return f.connect(j.Connections, t.add) })
}

// heartbeats measures what it costs to keep idle connections: CPU a second and connection.
func (p *process) heartbeats(f *fleet, j job) (measurement, error) {
	t := newTally()
	return p.window(t, func() error {
		t.count = int64(j.Connections) * int64(heartbeatWindow/time.Second)
		for end := time.Now().Add(heartbeatWindow); time.Now().Before(end); { // shorter than a stall each time
			if err := f.play(deaf{}, time.Now().Add(stallTimeout/2)); err != nil {
				return err
			}
		}
		return nil
	})
}

// idle measures what open connections add to a server's resident memory. What the kernel holds for them, which
// is more, is the same for all.
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
	m.Resident = max(1, float64(after-before)/float64(j.Connections)) // a server may have had room for all; 0 is no figure
	return m, err
}
