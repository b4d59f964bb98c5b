// Command beside compares Momentum with Centrifugo's library and with Socket.IO, each joined by Redis: the same jobs by turns, with the
// same clients. It starts its own Redis servers and nodes on the loopback interface, prints a table, and keeps the figures under
// bench/results/beside. make bench-beside starts it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"

	"momentum/bench/figures"
	"momentum/bench/nodes"
)

func main() { os.Exit(figures.Main("beside", run)) }

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
	only := flag.String("only", "", "jobs, comma-separated: direct, broadcast, spread, storm, node, data, empty")
	rounds := 0
	figures.Count(&rounds, "rounds", "`number` of rounds (default 2, with --smoke 1); the long jobs have one")
	binary := flag.String("binary", "bin/momentum", "our server")
	rivals := flag.String("rivals", "bench/rivals/bin", "the directory of the others")
	flag.Parse()
	s = full
	if smoke {
		s = small
	}
	if rounds > 0 {
		s.rounds = rounds
	}
	s.binary, s.rivals = *binary, *rivals
	if *only != "" {
		s.only = strings.Split(*only, ",")
	}
	return s, smoke
}
