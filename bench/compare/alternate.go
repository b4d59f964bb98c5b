package main

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"momentum/bench/proc"
)

// alternate compares two of our servers: builds of this commit and of an older one, or a storm that resumes and one that does not. Both run
// at the same time, on one core, and work by turns in windows that are much shorter than the times for which other programs disturb them:
// differences of a few hundredths show in the median of many windows. Each pair of windows counts as a round.
func alternate(ctx context.Context, kinds []string) error {
	p := plan{jobs: alternateJobs, rounds: alternations}
	if err := p.choose(kinds, []string{ours, ours + before, product, product + before}); err != nil {
		return err
	}
	for _, j := range p.jobs {
		now, then := p.sides(j)
		p.window = max(alternateWindow, time.Duration(j.Connections)*passTime)
		p.rounds = max(fewestAlternations, int(alternations*alternateWindow/p.window))
		found, err := p.alternateOne(ctx, j, now, then)
		if err != nil {
			return fmt.Errorf("%s: %w", j.Name, err)
		}
		r := record{Rounds: p.rounds, Measurements: found}
		fmt.Printf("%.3f × %s: %s, %s, CPU µs\n", r.relative(cpu, now.name, j.Name, then.name, j.Name), then.name, now.name, j.Name)
	}
	return nil
}

// sides returns the two servers that do a job: a build of ours and the older one, or one build with and without resume.
func (p *plan) sides(j job) (now, then *side) {
	one := func(name, label string) *side {
		at := slices.IndexFunc(p.servers, func(s server) bool { return s.name == name })
		return &side{name: label, server: p.servers[at]}
	}
	switch {
	case j.Resumes:
		now, then = one(product, product), one(product, product+" without resume")
		now.resumes = true
		return now, then
	case j.Kind == kindEcho:
		return one(ours, ours), one(ours+before, ours+before)
	}
	return one(product, product), one(product+before, product+before)
}

// alternateOne measures a job of two servers.
func (p *plan) alternateOne(ctx context.Context, j job, sides ...*side) (found []measurement, err error) {
	for _, s := range sides {
		defer s.close()
		if err := s.prepare(ctx, j); err != nil {
			return nil, err
		}
	}
	for round := range p.rounds + 1 {
		slices.Reverse(sides)
		for i := range sides {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			m, err := sides[i].turn(j, round, p.window)
			if err != nil {
				return nil, err
			}
			m.Server, m.Round, m.Job = sides[i].name, round, j.Name // CPU is 0 if nothing arrived
			found = append(found, m)
		}
	}
	return found, nil
}

// side is one of two servers that run at the same time.
type side struct {
	name    string
	server  server
	resumes bool           // its storms do
	admin   netip.AddrPort // of a server with the dashboard open
	beside  *side          // its server does the work of both; nil: one of its own
	process *process
	fleet   *fleet
	work    workload
	tally   *tally
	cpu     time.Duration // when its last window began
}

// prepare starts the server and a job on it. A storm begins later.
func (s *side) prepare(ctx context.Context, j job) (err error) {
	if s.beside != nil {
		s.process = s.beside.process
		return nil
	}
	if s.process, err = s.server.start(ctx, j.mode()); err != nil {
		return err
	}
	if s.fleet, err = newFleet(s.process.addr, s.server.dialect); err != nil {
		return err
	}
	s.tally = newTally()
	switch j.Kind {
	case kindStorm, kindDashboard:
		return nil
	case kindEcho:
		s.work = &echoLoad{s.tally, textFrame(j.Bytes)}
	case kindChat:
		c := newChatLoad(j)
		s.work, s.tally = c, c.tally
	default:
		b := newBroadcastLoad(j, s.server.dialect)
		s.work, s.tally = b, b.tally
	}
	if err := s.process.connect(s.fleet, j); err != nil {
		return err
	}
	return s.work.begin(s.fleet)
}

// close ends what prepare has started.
func (s *side) close() {
	if s.fleet != nil {
		s.fleet.close()
	}
	if s.process != nil {
		s.process.stop()
	}
}

// turn has the server work for a window, and returns its CPU time since its last window began: the server goes on for a moment
// after the generator has turned to the other one. A storm has an end, and is measured as it is.
func (s *side) turn(j job, round int, window time.Duration) (m measurement, err error) {
	switch j.Kind {
	case kindStorm:
		return s.storm(j, round)
	case kindDashboard:
		<-time.After(forgetTime)
		return s.watched(j)
	}
	now, err := proc.CPU(s.process.cmd.Process.Pid)
	if err != nil {
		return m, err
	}
	if count := s.tally.count; count > 0 && s.cpu > 0 {
		m = measurement{Count: count, CPUMicros: float64(now-s.cpu) / float64(time.Microsecond) / float64(count)}
	}
	s.cpu = now
	s.tally.clear()
	return m, s.fleet.run(s.work, time.Now().Add(window))
}

// storm opens a part of all users' connections, another one in each round, and closes them.
func (s *side) storm(j job, round int) (measurement, error) {
	f, err := newFleet(s.process.addr, s.process.dialect)
	if err != nil {
		return measurement{}, err
	}
	defer f.close()
	user := func(client int) int { return (client + round*j.Connections) % maxConnections }
	f.request = func(client int) ([]byte, error) { return s.process.dialect.request(user(client)) }
	if s.resumes {
		position, err := s.position()
		if err != nil {
			return measurement{}, err
		}
		f.resumeFrom(position, user)
	}
	return s.process.storm(f, j)
}

// position returns the position in the welcome message of a first connection.
func (s *side) position() (string, error) {
	f, err := newFleet(s.process.addr, s.process.dialect)
	if err != nil {
		return "", err
	}
	defer f.close()
	return f.position(1)
}

// chatLoad has users send each other direct messages in pairs: each answers a message with one.
type chatLoad struct {
	*tally
	frames [][]byte // of each client, to the other one of its pair
}

func newChatLoad(j job) *chatLoad {
	l := &chatLoad{tally: newTally()}
	for client := range j.Connections {
		l.frames = append(l.frames, frame([]byte(envelope(directTag, userID(client^1).String(), chatLetters))))
	}
	return l
}

func (l *chatLoad) begin(f *fleet) error {
	now := time.Now()
	for i := 0; i < len(f.conns); i += 2 {
		if err := f.conns[i].send(l.frames[i], now); err != nil {
			return err
		}
	}
	return nil
}

func (l *chatLoad) received(_ *fleet, c *conn, now time.Time) error {
	if c.stream.tag != directTag {
		return nil
	}
	l.count++
	return c.send(l.frames[c.index], now)
}

func (l *chatLoad) afterReads(*fleet) error { return nil }
