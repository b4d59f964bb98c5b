// Command compare measures bench/echo against the servers under bench/rivals: the same jobs for each, one
// server at a time, in turns over several rounds, server and generator on a core of their own. It keeps every
// run as a record under bench/results and writes the tables and plots of BENCHMARKS.md from these records
// alone. It is started in the repository's top directory, by make bench-compare.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

func run() error {
	smoke := flag.Bool("smoke", false, "about a minute of it: shorter, smaller, nothing is kept")
	only := flag.String("only", "", "kinds of job, comma-separated: echo, broadcast, storm, idle")
	servers := flag.String("servers", "", "servers, comma-separated (default: all that are built)")
	rounds := flag.Int("rounds", 3, "how often everything is measured")
	window := flag.Duration("window", 2*time.Second, "how long an echo or a broadcast is measured")
	render := flag.Bool("render", false, "measure nothing: write BENCHMARKS.md from the records again")
	flag.Parse()
	if *render {
		return writeDocument()
	}
	p := plan{jobs: allJobs, rounds: *rounds, window: *window}
	if *smoke {
		p = plan{jobs: smokeJobs, rounds: 1, window: smokeWindow}
	}
	if err := p.choose(list(*only), list(*servers)); err != nil {
		return err
	}
	runtime.LockOSThread() // it is this thread whose core is chosen
	if err := takeCore(generatorCore); err != nil {
		return err
	}
	r := p.measure()
	if *smoke {
		for _, result := range latest([]record{r}) {
			fmt.Print(result.table())
		}
		return nil
	}
	if err := r.save(); err != nil {
		return err
	}
	return writeDocument()
}

func list(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}
