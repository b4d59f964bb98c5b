// Command million connects a million users to 55 nodes that one Redis connects, on one machine: it starts the nodes, Redis and a
// generator for each node, and measures the time until all are connected, memory, a broadcast, direct messages, and the
// death of a node. It keeps the figures under bench/results/million. make million starts it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"momentum/bench/figures"
)

func main() { os.Exit(figures.Main("million", run)) }

func run(ctx context.Context) error {
	p, generator := parse()
	if generator {
		return generate(os.Stdin, os.Stdout)
	}
	if err := p.complete(); err != nil {
		return err
	}
	if err := p.fits(); err != nil {
		return err
	}
	if err := restart(p.connections); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, p.limit, fmt.Errorf("the run takes longer than %v", p.limit))
	defer cancel()
	r, err := p.run(ctx)
	if r == nil || r.AllIn == 0 {
		return err
	}
	fmt.Print(r.table())
	if err != nil {
		return errors.Join(err, r.save(p.record))
	}
	return errors.Join(r.save(p.record), r.failure())
}

// parse reads the command line.
func parse() (p *plan, generator bool) {
	p = &plan{connections: 1_000_000, limit: 15 * time.Minute}
	figures.Count(&p.connections, "connections", "`number` of users, each with one connection (default 1000000)")
	figures.Count(&p.each, "each", "`number` of connections of a node (default: as few nodes as possible, but three)")
	figures.Count(&p.atOnce, "at-once", "`number` of nodes whose clients connect at the same time (default 5)")
	flag.StringVar(&p.binary, "binary", "bin/momentum", "the server to run")
	flag.StringVar(&p.record, "record", "", "the file to write the figures to (default: one under bench/results/million)")
	flag.DurationVar(&p.limit, "limit", p.limit, "how long the run may take")
	flag.BoolVar(&generator, "generate", false, "be a generator; the program starts itself with it")
	flag.Parse()
	return p, generator
}
