package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"golang.org/x/sys/unix"

	"momentum/bench/crowd"
	"momentum/bench/figures"
	"momentum/bench/nodes"
)

// job measures something in one round, with processes of its own.
type job struct {
	name string
	do   func(s *size, r *record, g *nodes.Group) error
}

var jobs = []job{
	{"delivery", (*size).delivery}, {"latency", (*size).latency}, {"direct", (*size).direct}, {"broadcast", (*size).broadcast}, {"storm", (*size).storms},
}

// measure runs all jobs in each round.
func (s *size) measure(ctx context.Context) (*record, error) {
	r := newRecord(s)
	runtime.LockOSThread() // for the core of the generator
	for round := range s.rounds {
		for _, j := range jobs {
			if s.only != nil && !slices.Contains(s.only, j.name) {
				continue
			}
			fmt.Fprintf(os.Stderr, "%s: round %d of %d: %s\n", time.Now().Format(time.TimeOnly), round+1, s.rounds, j.name)
			if err := s.one(ctx, r, j); err != nil {
				return nil, fmt.Errorf("%s: %w", j.name, err)
			}
		}
	}
	return r, nil
}

// one runs a job. The end of ctx ends its processes, and so the job.
func (s *size) one(ctx context.Context, r *record, j job) (err error) {
	g, err := nodes.NewGroup()
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { _ = g.Close() })()
	defer func() { err = errors.Join(err, g.Close()) }()
	err = j.do(s, r, g)
	for i, n := range g.Nodes {
		if err != nil {
			fmt.Fprintf(os.Stderr, "node %d of the failed job: %s\n\n", i, n.Dump())
		}
	}
	return err
}

// useCore has this thread use a core, or any if it is AnyCore.
func useCore(core int) error {
	var set unix.CPUSet
	if core == nodes.AnyCore {
		for i := range runtime.NumCPU() {
			set.Set(i)
		}
	} else {
		set.Set(core)
	}
	return unix.SchedSetaffinity(0, &set)
}

// delivery compares the processor time of a delivery, in short windows by turns: differences of a few hundredths show in their medians.
func (s *size) delivery(r *record, g *nodes.Group) error {
	alone, with, err := s.sides(g, 1, nodeCore)
	if err != nil {
		return err
	}
	current := make(map[*side]*broadcasts)
	crowds, err := s.membersOf(current, alone, with)
	for _, c := range crowds {
		defer c.Close()
	}
	if err != nil {
		return err
	}
	for _, kind := range []struct {
		name    string
		senders int
	}{{"one at a time", 1}, {"16 senders", 16}} {
		each := make(map[*side][]float64)
		for _, one := range []*side{alone, with} {
			current[one] = newBroadcasts(kind.senders, 1)
			current[one].on(crowds[one])
		}
		if err := s.deliverByTurns(current, each, alone, with); err != nil {
			return err
		}
		r.add(fmt.Sprintf("CPU of a delivery to %d members, %s: without Redis", s.members, kind.name), "µs", none, figures.Median(each[alone]))
		r.add(fmt.Sprintf("CPU of a delivery to %d members, %s: with Redis ÷ without", s.members, kind.name), "×", atMost(1.05), ratio(each[with], each[alone]))
	}
	return nil
}

// membersOf connects the members of each side, which receive its current load, and waits until the messages about their arrival have come.
func (s *size) membersOf(current map[*side]*broadcasts, sides ...*side) (map[*side]*crowd.Crowd, error) {
	crowds := make(map[*side]*crowd.Crowd)
	for _, one := range sides {
		current[one] = newBroadcasts(1, 1)
		c, err := s.connected(one, 0, s.members, func(m *crowd.Message) error { return current[one].receive(m) })
		if err != nil {
			return crowds, err
		}
		crowds[one] = c
	}
	for _, c := range crowds {
		if err := c.Run(connectTime, after(s.presenceTime)); err != nil {
			return crowds, err
		}
	}
	return crowds, nil
}

// deliverByTurns measures the CPU of a delivery in each window.
func (s *size) deliverByTurns(loads map[*side]*broadcasts, each map[*side][]float64, alone, with *side) error {
	for window := range s.windows + 1 {
		for _, one := range turns(window, alone, with) {
			l, before := loads[one], one.cost()
			l.received = 0
			if err := l.work(s.window); err != nil {
				return err
			}
			if _, c := one.since(before); window > 0 { // the first one warms up
				each[one] = append(each[one], micros(c.nodes)/float64(l.received))
			}
		}
	}
	return nil
}

// turns returns both, in another order each time.
func turns[T any](round int, a, b T) []T {
	if round%2 == 1 {
		return []T{b, a}
	}
	return []T{a, b}
}

// latency compares direct messages one at a time: to the same node without Redis and with it, and to another node.
func (s *size) latency(r *record, g *nodes.Group) error {
	alone, with, err := s.sides(g, 2, nodes.AnyCore)
	if err != nil {
		return err
	}
	same := &side{redis: with.redis, nodes: with.nodes[:1]}
	histograms, err := s.exchange(alone, same, with)
	if err != nil {
		return err
	}
	at := func(i int, percent float64) float64 {
		return float64(histograms[i].ValueAtQuantile(percent)) / float64(time.Millisecond)
	}
	r.add("latency of a direct message, idle, without Redis: p50", "ms", none, at(0, 50))
	r.add("latency of a direct message, idle, without Redis: p99", "ms", none, at(0, 99))
	for i, name := range []string{"to the same node", "to another node"} {
		r.add("added by Redis, "+name+": p50", "ms", atMost(0.3), at(1+i, 50)-at(0, 50))
		r.add("added by Redis, "+name+": p99", "ms", atMost(5), at(1+i, 99)-at(0, 99))
	}
	return nil
}

// exchange sends direct messages one at a time on the sides in turns, and returns their latencies.
func (s *size) exchange(sides ...*side) (histograms []*hdrhistogram.Histogram, err error) {
	var crowds []*crowd.Crowd
	for i, one := range sides {
		h := hdrhistogram.New(1, int64(time.Minute), 3)
		histograms = append(histograms, h)
		c, err := s.connected(one, 2*i, 2, func(m *crowd.Message) error { return h.RecordValue(m.At - m.Sent) })
		if err != nil {
			return nil, err
		}
		defer c.Close()
		crowds = append(crowds, c)
	}
	for n := range s.pings {
		for i, c := range crowds {
			if err := c.Send(0, crowd.Text(crowd.Direct, 2*i+1, 32)); err != nil {
				return nil, err
			}
			if err := c.Run(connectTime, func() bool { return histograms[i].TotalCount() > int64(n) }); err != nil {
				return nil, err
			}
			<-time.After(time.Millisecond)
		}
	}
	return histograms, nil
}

// direct measures direct messages with history between two nodes, as fast as they go.
func (s *size) direct(r *record, g *nodes.Group) error {
	alone, with, err := s.sides(g, 2, nodes.AnyCore)
	if err != nil {
		return err
	}
	for _, one := range []*side{alone, with} {
		if err := s.chat(r, one); err != nil {
			return err
		}
	}
	return nil
}

func (s *size) chat(r *record, one *side) error {
	l := &chats{outstanding: 16}
	c, err := s.connected(one, 0, 400, l.receive)
	if err != nil {
		return err
	}
	defer c.Close()
	l.on(c)
	took, used, err := one.under(&l.load, l.work, s.load)
	if err != nil {
		return err
	}
	name := "direct messages, 200 pairs with 16 outstanding each, without Redis"
	if one.redis != nil {
		name = "direct messages with history, the same pairs, each on two nodes"
		r.add(name+": Redis CPU of one", "µs", atMost(8), micros(used.redis)/float64(l.count))
		r.add(name+": what one core of Redis would carry", "/s", atLeast(80_000), float64(l.count)/used.redis.Seconds())
	}
	r.add(name+": all processes on two cores", "/s", none, float64(l.count)/took.Seconds())
	r.add(name+": CPU of one at the nodes", "µs", none, micros(used.nodes)/float64(l.count))
	return nil
}

// under warms a load up, and measures it.
func (s *side) under(l *load, work func(time.Duration) error, d time.Duration) (took time.Duration, used cost, err error) {
	if err := work(d / 3); err != nil {
		return 0, used, err
	}
	l.count, l.received = 0, 0
	before := s.cost()
	if err := work(d); err != nil {
		return 0, used, err
	}
	took, used = s.since(before)
	if l.count == 0 {
		err = errors.New("nothing arrived")
	}
	return took, used, err
}

// broadcast measures broadcasts with history on three nodes, as fast as they go.
func (s *size) broadcast(r *record, g *nodes.Group) error {
	_, with, err := s.sides(g, 3, nodes.AnyCore)
	if err != nil {
		return err
	}
	l := newBroadcasts(12, 128)
	c, err := s.connected(with, 0, 24, l.receive)
	if err != nil {
		return err
	}
	defer c.Close()
	l.on(c)
	took, used, err := with.under(&l.load, l.work, s.load)
	if err != nil {
		return err
	}
	r.add("broadcasts with history, 3 nodes with 8 members each, 12 senders with 128 outstanding: Redis CPU of one", "µs", atMost(2.5), micros(used.redis)/float64(l.count))
	r.add("the same: messages in a bundle", "", none, float64(l.count)/float64(max(1, used.published)))
	r.add("the same: all processes on two cores", "/s", none, float64(l.count)/took.Seconds())
	return nil
}
