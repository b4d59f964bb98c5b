// Command compare measures bench/echo and momentum serve against the servers in bench/rivals. All do the same jobs, one
// server at a time, in turn over several rounds. Server and generator have one core each. Each run is stored as a
// record in bench/results, and the tables and plots of BENCHMARKS.md are written from these records alone. make
// bench-compare starts it in the top directory of the repository.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	smoke := flag.Bool("smoke", false, "measure for about a minute, with fewer and smaller jobs, and store nothing")
	only := flag.String("only", "", "`kinds` of jobs, separated by commas: echo, broadcast, storm, idle, heartbeat, direct (default: all)")
	servers := flag.String("servers", "", "`names` of servers, separated by commas, or by semicolons because one name has a comma (default: all that are built)")
	rounds := 0
	flag.Func("rounds", "`number` of rounds (default 3, with --smoke 1)", func(text string) (err error) {
		rounds, err = strconv.Atoi(text) // flag.Int would read 010 as octal
		return err
	})
	window := flag.Duration("window", 0, "`time` for which an echo or a broadcast is measured (default 2s, with --smoke 300ms)")
	render := flag.Bool("render", false, "write BENCHMARKS.md from the stored records, without measuring")
	flag.Parse()
	if *render {
		return writeDocument()
	}
	p := plan{jobs: allJobs, rounds: minRounds, window: usualWindow}
	if *smoke {
		p = plan{jobs: smokeJobs, rounds: 1, window: smokeWindow}
	}
	p.rounds, p.window = cmp.Or(rounds, p.rounds), cmp.Or(*window, p.window)
	if err := errors.Join(p.choose(list(*only), list(*servers)), p.checkFiles()); err != nil {
		return err
	}
	runtime.LockOSThread() // the core is set for this thread
	if err := pinProcess(generatorCore); err != nil {
		return err
	}
	r := p.measure(ctx)
	if *smoke {
		for _, j := range r.Jobs {
			fmt.Print((&result{j, &r}).table())
		}
	} else if err := r.save(); err != nil {
		return err
	}
	switch {
	case ctx.Err() != nil:
		return errors.New("interrupted: " + document + " is unchanged")
	case *smoke:
		return r.failures()
	}
	return errors.Join(writeDocument(), r.failures())
}

func list(s string) []string {
	if s == "" {
		return nil
	}
	if strings.Contains(s, ";") {
		return strings.Split(strings.TrimSuffix(s, ";"), ";")
	}
	return strings.Split(s, ",")
}
