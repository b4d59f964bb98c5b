package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"momentum/bench/proc"
)

// plan says which jobs of which servers one run measures.
type plan struct {
	jobs    []job
	servers []server
	rounds  int
	window  time.Duration
}

// choose keeps the jobs of the given kinds and the servers of the given names; none means all.
func (p *plan) choose(kinds, names []string) error {
	for _, kind := range kinds {
		if !slices.ContainsFunc(allJobs, func(j job) bool { return j.Kind == kind }) {
			return fmt.Errorf("--only: there is no kind of job called %q", kind)
		}
	}
	for _, name := range names {
		if !slices.ContainsFunc(allServers, func(s server) bool { return s.name == name }) {
			return fmt.Errorf("--servers: there is no server called %q", name)
		}
	}
	if kinds != nil {
		p.jobs = slices.DeleteFunc(slices.Clone(p.jobs), func(j job) bool { return !slices.Contains(kinds, j.Kind) })
	}
	for _, s := range allServers {
		switch wanted := names == nil || slices.Contains(names, s.name); {
		case wanted && s.built():
			p.servers = append(p.servers, s)
		case wanted:
			fmt.Fprintf(os.Stderr, "%s is not built: left out\n", s.name)
		}
	}
	if len(p.jobs) == 0 || len(p.servers) == 0 || p.rounds < 1 {
		return errors.New("nothing to measure: check --only, --servers and --rounds, and build the servers first (make bench-compare)")
	}
	return nil
}

// measurement has the figures of one server at one job in one round. CPU time is for the job's unit. Zero means that the job
// has no such figure.
type measurement struct {
	Round     int     `json:"round"`
	Server    string  `json:"server"`
	Job       string  `json:"job"`
	Failed    string  `json:"failed,omitempty"`
	Count     int64   `json:"count,omitempty"`
	CPUMicros float64 `json:"cpu_us,omitempty"`
	PerSecond float64 `json:"per_second,omitempty"`
	P50       float64 `json:"p50_us,omitempty"`
	P99       float64 `json:"p99_us,omitempty"`
	P999      float64 `json:"p999_us,omitempty"`
	Resident  float64 `json:"bytes_per_connection,omitempty"`
	Others    float64 `json:"others_percent,omitempty"` // of the server's core, used by other work during the measurement
}

// measure runs every job on every server in every round. Each round begins with another server, so that none always follows
// the same one. If ctx ends, it returns the measurements so far.
func (p *plan) measure(ctx context.Context) record {
	r := newRecord(p)
	for round := range p.rounds {
		for _, j := range p.jobs {
			for i := range p.servers {
				s := p.servers[(i+round)%len(p.servers)]
				if !j.appliesTo(s) {
					continue
				}
				m, err := p.measureOne(ctx, s, j)
				if ctx.Err() != nil {
					return r
				}
				m.Round, m.Server, m.Job = round+1, s.name, j.Name
				if err != nil {
					m.Failed = err.Error()
				}
				fmt.Fprintf(os.Stderr, "%d/%d  %-36s %-14s %s\n", round+1, p.rounds, j.Name, s.name, m)
				r.Measurements = append(r.Measurements, m)
			}
		}
	}
	return r
}

// String shows a measurement on one line, as progress.
func (m measurement) String() string {
	if m.Failed != "" {
		return "failed: " + m.Failed
	}
	if m.Resident > 0 {
		return fmt.Sprintf("%.0f B", m.Resident)
	}
	return fmt.Sprintf("%.2f µs CPU, %.0f/s, p99 %.0f µs", m.CPUMicros, m.PerSecond, m.P99)
}

// measureOne starts a server for one job and measures it.
func (p *plan) measureOne(ctx context.Context, s server, j job) (m measurement, err error) {
	process, err := s.start(ctx, j.Kind == kindBroadcast)
	if err != nil {
		return m, fmt.Errorf("cannot start it: %w", err)
	}
	defer process.stop()
	if j.Kind == kindStorm || j.Kind == kindIdle {
		if err := process.warm(); err != nil {
			return m, err
		}
	}
	f, err := newFleet(process.addr, process.dialect)
	if err != nil {
		return m, err
	}
	defer f.close()
	switch j.Kind {
	case kindStorm:
		return process.storm(f, j)
	case kindIdle:
		return process.idle(f, j)
	}
	if err := process.connect(f, j); err != nil {
		return m, err
	}
	switch j.Kind {
	case kindHeartbeat:
		return process.heartbeats(f, j)
	case kindDirect:
		return process.direct(f, j)
	case kindEcho:
		e := &echoLoad{newTally(), textFrame(j.Bytes)}
		return process.run(f, e, e.tally, p.window)
	}
	b := newBroadcastLoad(j, process.dialect)
	return process.run(f, b, b.tally, p.window)
}

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

// direct measures messages from one user to another, during broadcasts if the job has other connections.
func (p *process) direct(f *fleet, j job) (m measurement, err error) {
	k, err := newDirectLoad(f)
	if err != nil {
		return m, err
	}
	defer k.close()
	var others workload = listening{}
	if j.Connections > 0 {
		others = newBroadcastLoad(j, p.dialect)
	}
	if err := others.begin(f); err != nil {
		return m, err
	}
	until, delivered := time.Now().Add(directWindow), make(chan error, 1)
	go func() { delivered <- k.run(until) }()
	if err := errors.Join(f.run(others, until), <-delivered); err != nil {
		return m, err
	}
	if k.count == 0 {
		return m, errors.New("no direct message arrived")
	}
	return measurement{Count: k.count, P50: k.micros(50), P99: k.micros(99), P999: k.micros(99.9)}, nil
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
