// Command cluster measures what Redis costs a node: the same work with Redis and without, in the same rounds. It starts its own Redis
// server and nodes on the loopback interface, prints a table with the goals, and keeps the figures under bench/results/cluster.
// make bench-cluster starts it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"momentum/bench/figures"
	"momentum/bench/nodes"
)

func main() { os.Exit(figures.Main("cluster", run)) }

func run(ctx context.Context) error {
	s, smoke := parse()
	if _, err := nodes.RaiseFiles(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, s.limit, fmt.Errorf("the run takes longer than %v", s.limit))
	defer cancel()
	s.over = ctx.Done()
	r, err := s.measure(ctx)
	if err != nil {
		return errors.Join(context.Cause(ctx), err)
	}
	fmt.Print(r.table())
	if smoke {
		return nil
	}
	return r.save()
}

// parse reads the command line.
func parse() (s size, smoke bool) {
	flag.BoolVar(&smoke, "smoke", false, "take less than a minute: shorter and smaller, and keep nothing")
	only := flag.String("only", "", "jobs, comma-separated: delivery, latency, direct, broadcast, storm")
	rounds := 0
	figures.Count(&rounds, "rounds", "`number` of rounds (default 5, with --smoke 1)")
	binary := flag.String("binary", "bin/momentum", "the server to run")
	flag.Parse()
	s = full
	if smoke {
		s = small
	}
	if rounds > 0 {
		s.rounds = rounds
	}
	s.binary = *binary
	if *only != "" {
		s.only = strings.Split(*only, ",")
	}
	return s, smoke
}

// size says how large a run is.
type size struct {
	binary       string
	only         []string
	rounds       int
	limit        time.Duration // of the whole run
	members      int           // of a node that delivers broadcasts
	window       time.Duration // of deliveries
	windows      int           // in a round
	pings        int           // direct messages one at a time
	load         time.Duration // of direct messages and broadcasts
	crowd        int           // users of a storm
	presenceTime time.Duration // how long messages about arrivals may take
	settleTime   time.Duration // how long the users of a storm may take to leave
	over         <-chan struct{}
}

var (
	full = size{
		rounds: 5, limit: 15 * time.Minute, members: 1000, window: 200 * time.Millisecond, windows: 15, pings: 500, load: 3 * time.Second, crowd: 15_000,
		presenceTime: 3 * time.Second, settleTime: 20 * time.Second,
	}
	small = size{
		rounds: 1, limit: 2 * time.Minute, members: 200, window: 100 * time.Millisecond, windows: 5, pings: 100, load: 500 * time.Millisecond, crowd: 1500,
		presenceTime: time.Second, settleTime: 10 * time.Second,
	}
)
