// Command compare measures bench/echo and the servers under bench/rivals: the same jobs for each, one server at a time, in
// turns over several rounds, with the server and the generator on a core of their own. It keeps every run as a record under
// bench/results, and writes the tables and plots of BENCHMARKS.md only from these records. make bench-compare starts it in the
// repository's top directory.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"

	"momentum/bench/figures"
)

func main() { os.Exit(figures.Main("compare", run)) }

func run(ctx context.Context) error {
	smoke := flag.Bool("smoke", false, "take about a minute: shorter and smaller, and keep nothing")
	only := flag.String("only", "", "kinds of job, comma-separated: echo, broadcast, storm, idle, heartbeat, direct, resume, jitter, topic, subscriptions, inquiry")
	servers := flag.String("servers", "", "servers, separated by commas, or by semicolons since one name has a comma (default: all that are built)")
	rounds := 0
	figures.Count(&rounds, "rounds", "`number` of times that each job is measured (default 3, with --smoke 1)")
	window := flag.Duration("window", 0, "how long an echo or a broadcast is measured (default 2s, with --smoke 300ms)")
	older := flag.Bool("before", false, "measure only our builds, beside those of an older commit (make bench-before)")
	watched := flag.Bool("dashboard", false, "measure only a storm with the dashboard open, beside the same with it closed (make bench-dashboard)")
	render := flag.Bool("render", false, "do not measure: write BENCHMARKS.md again from the records")
	flag.Parse()
	if *render {
		return writeDocument()
	}
	p := plan{jobs: allJobs, rounds: minRounds, window: usualWindow}
	if *smoke {
		p = plan{jobs: smokeJobs, rounds: 1, window: smokeWindow}
	}
	p.rounds, p.window = cmp.Or(rounds, p.rounds), cmp.Or(*window, p.window)
	runtime.LockOSThread() // the core is chosen for this thread
	if err := takeCore(generatorCore); err != nil {
		return err
	}
	switch {
	case *older:
		return alternate(ctx, list(*only))
	case *watched:
		return dashboard(ctx, cmp.Or(rounds, dashboardRounds))
	}
	if err := errors.Join(p.choose(list(*only), list(*servers)), p.checkFiles()); err != nil {
		return err
	}
	r := p.measure(ctx)
	return r.report(ctx, *smoke)
}

// report shows the figures, and keeps them unless they are of a smoke test.
func (r *record) report(ctx context.Context, smoke bool) error {
	if smoke {
		for _, j := range r.Jobs {
			fmt.Print((&result{j, r}).table())
		}
	} else if err := r.save(); err != nil {
		return err
	}
	fmt.Print(r.sinceBefore())
	switch {
	case ctx.Err() != nil:
		return errors.New("interrupted: " + document + " is unchanged")
	case smoke:
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
