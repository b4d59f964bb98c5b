package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"momentum/bench/proc"
)

// alternate measures our builds beside those of an older commit. Both run at the same time, on one core, and work by turns in
// windows that are much shorter than the times for which other programs disturb them: differences of a few hundredths show in
// the median of many windows. Each pair of windows counts as a round.
func alternate(ctx context.Context, kinds []string) error {
	p := plan{jobs: alternateJobs, rounds: alternations}
	if err := p.choose(kinds, []string{ours, ours + before, product, product + before}); err != nil {
		return err
	}
	for _, j := range p.jobs {
		name := product
		if j.Kind == kindEcho {
			name = ours
		}
		p.window = max(alternateWindow, time.Duration(j.Connections)*passTime)
		p.rounds = max(fewestAlternations, int(alternations*alternateWindow/p.window))
		found, err := p.alternateOne(ctx, j, name)
		if err != nil {
			return fmt.Errorf("%s: %w", j.Name, err)
		}
		r := record{Rounds: p.rounds, Jobs: []job{j}, Measurements: found}
		fmt.Print(r.sinceBefore())
	}
	return nil
}

// alternateOne measures a job of one server and its older build.
func (p *plan) alternateOne(ctx context.Context, j job, name string) ([]measurement, error) {
	var sides []*side
	for _, s := range p.servers {
		if s.name != name && s.name != name+before {
			continue
		}
		one, err := s.prepareSide(ctx, j)
		if err != nil {
			return nil, err
		}
		defer one.close()
		sides = append(sides, one)
	}
	var found []measurement
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
	process *process
	fleet   *fleet
	work    workload
	tally   *tally
	cpu     time.Duration // when its last window began
}

func (s server) prepareSide(ctx context.Context, j job) (one *side, err error) {
	one = &side{name: s.name, tally: newTally()}
	if one.process, err = s.start(ctx, j.mode()); err != nil {
		return nil, err
	}
	if one.fleet, err = newFleet(one.process.addr, s.dialect); err != nil {
		one.process.stop()
		return nil, err
	}
	if j.Kind == kindStorm {
		return one, nil
	}
	if err := one.process.connect(one.fleet, j); err != nil {
		one.close()
		return nil, err
	}
	switch j.Kind {
	case kindEcho:
		one.work = &echoLoad{one.tally, textFrame(j.Bytes)}
	case kindChat:
		c := newChatLoad(j)
		one.work, one.tally = c, c.tally
	default:
		b := newBroadcastLoad(j, s.dialect)
		one.work, one.tally = b, b.tally
	}
	if err := one.work.begin(one.fleet); err != nil {
		one.close()
		return nil, err
	}
	return one, nil
}

func (s *side) close() {
	s.fleet.close()
	s.process.stop()
}

// turn has the server work for a window, and returns its CPU time since its last window began: the server goes on for a moment
// after the generator has turned to the other one. A storm has an end, and is measured as it is.
func (s *side) turn(j job, round int, window time.Duration) (m measurement, err error) {
	if j.Kind == kindStorm {
		return s.storm(j, round)
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
	f.request = func(client int) ([]byte, error) {
		return s.process.dialect.request((client + round*j.Connections) % maxConnections)
	}
	return s.process.storm(f, j)
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
