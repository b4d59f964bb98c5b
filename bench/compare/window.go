package main

import (
	"errors"
	"time"

	"momentum/bench/proc"
)

// connect opens a job's connections and waits until the server has announced them all.
func (p *process) connect(f *fleet, j job) error {
	if err := f.connect(j.Connections, func(time.Duration) {}); err != nil {
		return err
	}
	<-time.After(joinTime)
	if !p.dialect.unsolicited {
		return nil
	}
	return f.run(listening{}, time.Now().Add(arrivalTime))
}

// run warms up and then measures a window.
func (p *process) run(f *fleet, w workload, t *tally, window time.Duration) (m measurement, err error) {
	if err := w.begin(f); err != nil {
		return m, err
	}
	if err := f.run(w, time.Now().Add(warmUp)); err != nil {
		return m, err
	}
	t.clear()
	return p.window(t, func() error { return f.run(w, time.Now().Add(window)) })
}

// window measures the CPU time that the server uses for the work that the tally counts.
func (p *process) window(t *tally, work func() error) (m measurement, err error) {
	before, busyBefore, err := p.cpuTimes()
	if err != nil {
		return m, err
	}
	begun := time.Now()
	if err := work(); err != nil {
		return m, err
	}
	took := time.Since(begun)
	after, busyAfter, err := p.cpuTimes()
	if err != nil {
		return m, err
	}
	if t.count == 0 {
		return m, errors.New("nothing arrived")
	}
	own := after - before
	return measurement{
		Count:     t.count,
		CPUMicros: float64(own) / float64(time.Microsecond) / float64(t.count),
		PerSecond: float64(t.count) / took.Seconds(),
		P50:       t.micros(50), P99: t.micros(99), P999: t.micros(99.9),
		Others: max(0, 100*float64(busyAfter-busyBefore-own)/float64(took)),
	}, nil
}

// cpuTimes returns the CPU time of the server, and of all processes on its core.
func (p *process) cpuTimes() (own, all time.Duration, err error) {
	if own, err = proc.CPU(p.cmd.Process.Pid); err != nil {
		return 0, 0, err
	}
	all, err = coreBusy()
	return own, all, err
}
