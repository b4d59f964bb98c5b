package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
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
		if !slices.ContainsFunc(slices.Concat(allJobs, alternateJobs), func(j job) bool { return j.Kind == kind }) {
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
		case wanted && (names != nil || !strings.HasSuffix(s.name, before)):
			fmt.Fprintf(os.Stderr, "%s is not built: left out\n", s.name)
		}
	}
	if len(p.jobs) == 0 || len(p.servers) == 0 || p.rounds < 1 {
		return errors.New("nothing to measure: check --only, --servers and --rounds, and build the servers first (make bench-compare)")
	}
	return nil
}

// checkFiles returns an error if a job needs more open files than this process may have.
func (p *plan) checkFiles() error {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return err
	}
	for _, j := range p.jobs {
		if need := uint64(j.Connections + directEnds + otherFiles); need > limit.Cur {
			return fmt.Errorf("%q needs %d open files and the limit is %d: raise it (ulimit -Sn, and -Hn)", j.Name, need, limit.Cur)
		}
	}
	return nil
}

// measure runs every job on every server in every round. Each round begins with another server, so that none always follows
// the same one. If ctx ends, it returns the measurements so far.
func (p *plan) measure(ctx context.Context) record {
	r := newRecord(p)
	for round := range p.rounds {
		for _, j := range p.jobs {
			for i := range p.servers {
				s := p.servers[(i+round)%len(p.servers)]
				if !j.appliesTo(s) || round >= j.rounds(p.rounds) {
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

// measureOne starts a server for one job and measures it.
func (p *plan) measureOne(ctx context.Context, s server, j job) (m measurement, err error) {
	process, err := s.start(ctx, j.mode())
	if err != nil {
		return m, fmt.Errorf("cannot start it: %w", err)
	}
	defer process.stop()
	switch j.Kind {
	case kindJitter:
		return process.jitter(ctx, j)
	case kindResume:
		return process.returning(j)
	case kindInquiry:
		return process.inquiries(j, p.window)
	case kindStorm, kindIdle:
		err = process.warm()
	}
	if err != nil {
		return m, err
	}
	f, err := newFleet(process.addr, process.dialect)
	if err != nil {
		return m, err
	}
	defer f.close()
	return process.do(f, j, p.window)
}

// do measures a job with a fleet that has no connections yet.
func (p *process) do(f *fleet, j job, window time.Duration) (m measurement, err error) {
	switch j.Kind {
	case kindStorm:
		return p.storm(f, j)
	case kindIdle:
		return p.idle(f, j)
	}
	if err := p.connect(f, j); err != nil {
		return m, err
	}
	switch j.Kind {
	case kindHeartbeat:
		return p.heartbeats(f, j)
	case kindDirect:
		return p.direct(f, j)
	case kindTopic:
		return p.topics(f, j, window)
	case kindMembers:
		return p.subscriptions(f, j)
	case kindEcho:
		e := &echoLoad{newTally(), textFrame(j.Bytes)}
		return p.run(f, e, e.tally, window)
	}
	b := newBroadcastLoad(j, p.dialect)
	return p.run(f, b, b.tally, window)
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
