package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"momentum/bench/nodes"
)

// job measures one kind of server in one round, with processes of its own.
type job struct {
	name  string
	times int // at most so many rounds
	do    func(s *size, r *record, g *nodes.Group, one *server) error
}

var jobs = []job{
	{"direct", 100, (*size).direct}, {"broadcast", 100, (*size).broadcast}, {"spread", 100, (*size).spread}, {"storm", 1, (*size).storm},
	{"node", 1, (*size).deadNode}, {"data", 1, (*size).redisWithData}, {"empty", 1, (*size).redisEmpty},
}

// measure runs each job with all servers before the next one, in another order in each round.
func (s *size) measure(ctx context.Context) (*record, error) {
	r := newRecord(s)
	runtime.LockOSThread() // for the core of the generator
	if err := useCore(generatorCore); err != nil {
		return nil, err
	}
	for round := range s.rounds {
		for _, j := range jobs {
			if round >= j.times || s.only != nil && !slices.Contains(s.only, j.name) {
				continue
			}
			for i := range servers {
				one := servers[(i+round)%len(servers)]
				if !one.built(s) {
					fmt.Fprintf(os.Stderr, "%s is not built, and left out\n", one.name)
					continue
				}
				fmt.Fprintf(os.Stderr, "%s: round %d of %d: %s, %s\n", time.Now().Format(time.TimeOnly), round+1, s.rounds, j.name, one.name)
				if err := s.one(ctx, r, j, one); err != nil {
					return nil, fmt.Errorf("%s of %s: %w", j.name, one.name, err)
				}
			}
		}
	}
	return r, nil
}

// one runs a job. The end of ctx ends its processes, and so the job.
func (s *size) one(ctx context.Context, r *record, j job, one *server) (err error) {
	g, err := nodes.NewGroup()
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { _ = g.Close() })()
	defer func() { err = errors.Join(err, g.Close()) }()
	err = j.do(s, r, g, one)
	for i, n := range g.Nodes {
		if err != nil {
			n.Kill()
			fmt.Fprintf(os.Stderr, "node %d of the failed job: %s\n\n", i, n.Said())
		}
	}
	return err
}

// useCore has this thread use a core.
func useCore(core int) error {
	var set unix.CPUSet
	set.Set(core)
	return unix.SchedSetaffinity(0, &set)
}

// direct measures direct messages with history, each between two nodes.
func (s *size) direct(r *record, g *nodes.Group, one *server) error {
	c, err := s.startCluster(g, one, 2)
	if err != nil {
		return err
	}
	f, err := c.connected(0, 2*s.pairs)
	if err != nil {
		return err
	}
	defer f.close()
	l := newChats(f, 16)
	f.onMessage = l.receive
	took, used, err := c.under(&l.load, l.work)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("direct messages, %d pairs with 16 outstanding, each between two nodes", s.pairs)
	r.add(name+": CPU of one at the nodes", "µs", one, micros(used.nodes, l.count))
	r.add(name+": CPU of one at Redis", "µs", one, micros(used.redis, l.count))
	r.add(name+": all on one core", "/s", one, float64(l.count)/took.Seconds())
	return nil
}

// broadcast measures broadcasts with history to the members of one node.
func (s *size) broadcast(r *record, g *nodes.Group, one *server) error {
	return s.broadcastOn(r, g, one, 1, s.members, 16, 1)
}

// spread measures broadcasts with history to three nodes with few members, where Redis has the most to do.
func (s *size) spread(r *record, g *nodes.Group, one *server) error {
	return s.broadcastOn(r, g, one, 3, 24, 12, 16)
}

func (s *size) broadcastOn(r *record, g *nodes.Group, one *server, n, members, senders, outstanding int) error {
	c, err := s.startCluster(g, one, n)
	if err != nil {
		return err
	}
	f, err := c.connected(0, members)
	if err != nil {
		return err
	}
	defer f.close()
	if err := c.settle(f, s.presenceTime, s.presenceTime+5*time.Second); err != nil { // the arrivals are told
		return err
	}
	l := newBroadcasts(f, senders, outstanding)
	f.onMessage = l.receive
	_, used, err := c.under(&l.load, l.work)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("broadcasts to %d members on %d node(s), %d senders with %d outstanding", members, n, senders, outstanding)
	r.add(name+": CPU of a delivery at the nodes", "µs", one, micros(used.nodes, l.received))
	r.add(name+": CPU of a broadcast at Redis", "µs", one, micros(used.redis, l.count))
	return nil
}

// under warms a load up for as long as it measures it: V8 compiles late.
func (c *cluster) under(l *load, work func(time.Duration) error) (took time.Duration, used cost, err error) {
	if err := work(c.size.load); err != nil {
		return 0, used, err
	}
	l.count, l.received = 0, 0
	before := c.cost()
	if err := work(c.size.load); err != nil {
		return 0, used, err
	}
	used, took = c.since(before)
	if l.count == 0 {
		err = errors.New("nothing arrived")
	}
	return took, used, err
}
