package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"momentum/bench/load"
	"momentum/internal/commandline"
	"momentum/internal/output"
)

const description = `Put a Momentum server under load, and measure latency, loss and refusals.

  - storm: all clients connect, at most --max-concurrent at once. A refused client retries after the server's Retry-After.
  - throughput: every connection sends --messages messages.
  - sustained: the connections stay open for --duration and send a message every --message-interval.

The users are stress-0, stress-1 and so on. Their tokens are signed with the server's JWT_SECRET. Each message goes to the next
user, so that N connections with M messages make N×M deliveries. With --fanout all it goes to all others: N×(N-1)×M deliveries.

Exit code:

  - 0: success
  - 1: clients met errors, a condition of --slo does not hold, a metric is worse than --baseline, or an output failed
  - 2: wrong usage
  - 3: nothing failed, but --slo or --baseline was applied to a figure that the generator limited
  - 130: interrupted`

// flags is the command line. Scripts use the names of the first group.
type flags struct {
	TestType        string `default:"storm" placeholder:"TYPE" help:"storm, throughput, sustained or all (default ${default})."`
	URL             string `name:"url" default:"ws://127.0.0.1:8000/ws" placeholder:"URL" help:"The WebSocket endpoint (default ${default})."`
	Connections     int    `default:"100" placeholder:"N" help:"Number of connections (default ${default})."`
	Messages        int    `default:"10" placeholder:"N" help:"Messages that each connection sends in a throughput test (default ${default})."`
	Duration        int    `default:"60" placeholder:"S" help:"Seconds that a sustained test lasts; in any test, how long admission may take (default ${default})."`
	MaxConcurrent   int    `default:"50" placeholder:"N" help:"Handshakes in progress at once (default ${default})."`
	MessageInterval int    `default:"100" placeholder:"MS" help:"Milliseconds between two messages of one connection (default ${default}); 0: no pause."`

	ArrivalRate float64  `default:"0" placeholder:"N" help:"Clients that arrive in a second, however fast the server is; latency counts from each arrival. 0: all arrive at once (default)."`
	Fanout      string   `default:"partner" placeholder:"TO" help:"Receivers of a message. partner: one other user (default); all: all other users."`
	JWTSecret   string   `name:"jwt-secret" env:"JWT_SECRET" placeholder:"SECRET" help:"The server's secret. It signs the tokens."`
	AdminToken  string   `env:"ADMIN_TOKEN" placeholder:"TOKEN" help:"The server's admin token, for /ws/stats."`
	Source      string   `placeholder:"ADDR,..." help:"IPv4 addresses of this host to connect from, in turn, if one address has too few ports."`
	ServerPID   int      `name:"server-pid" placeholder:"PID" help:"The server's process on this host, to measure its CPU and memory."`
	Repeat      *int     `placeholder:"N" help:"Number of runs; figures are medians (default 1, with --baseline as many as in the baseline)."`
	JSON        string   `name:"json" placeholder:"FILE" help:"Save all figures as JSON. - is standard output; then the table goes to standard error."`
	Report      string   `placeholder:"FILE.html" help:"Write an HTML page with plots. - is standard output."`
	Baseline    string   `placeholder:"FILE" help:"Compare with a file that --json has saved."`
	Version     bool     `help:"Print the version and exit."`
	SLO         []string `name:"slo" sep:";" placeholder:"COND" help:"A condition such as 'handshake_p99<250ms'. Repeat the flag or separate conditions with ';'."`
}

// task is the validated request of the command line.
type task struct {
	plan        load.Plan
	conditions  []load.Condition
	baseline    *load.Record // nil: none
	differences []string     // between this run and the baseline's
	repeat      int
	json, page  string
}

func parseFlags(args []string, stdout, stderr io.Writer) (*flags, error) {
	var f flags
	return &f, commandline.Parse(&f, "websocket_stress_test", description, args, stdout, stderr)
}

// task validates the flags and reads the files that they name, so that no such error is found after minutes of load.
func (f *flags) task(seed uint64) (*task, error) {
	t := &task{
		plan: load.Plan{
			Test: load.Test(f.TestType), URL: f.URL, Connections: f.Connections, Messages: f.Messages, Seconds: f.Duration,
			MaxConcurrent: f.MaxConcurrent, IntervalMS: f.MessageInterval, ArrivalRate: f.ArrivalRate,
			Fanout: load.Fanout(f.Fanout), Secret: f.JWTSecret, AdminToken: f.AdminToken, Sources: f.Source, ServerPID: f.ServerPID, Seed: seed,
		},
		repeat: 1, json: f.JSON, page: f.Report,
	}
	problems := []error{t.plan.Validate(), t.readConditions(f.SLO), t.readBaseline(f)}
	if t.repeat < 1 || t.repeat > maxRepeats {
		problems = append(problems, fmt.Errorf("--repeat is %d: it must be at least 1 and at most %d", t.repeat, maxRepeats))
	}
	problems = append(problems, f.checkOutputs())
	return t, errors.Join(problems...)
}

// checkOutputs returns an error if an output cannot be written.
func (f *flags) checkOutputs() error {
	var problems []error
	if f.JSON != "" && f.JSON == f.Report {
		problems = append(problems, fmt.Errorf("--json and --report are both %s: the second would replace the first", f.JSON))
	}
	for _, one := range [][2]string{{"--json", f.JSON}, {"--report", f.Report}} {
		if one[1] == "" {
			continue
		}
		if err := output.Check(one[1]); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", one[0], err))
		}
	}
	return errors.Join(problems...)
}

// maxRepeats is more than any median needs.
const maxRepeats = 100

// readConditions ignores empty conditions, such as after a ';' at the end, unless there are no others.
func (t *task) readConditions(texts []string) error {
	var problems []error
	for _, text := range texts {
		if strings.TrimSpace(text) == "" {
			continue
		}
		c, err := load.ParseCondition(text)
		problems = append(problems, err)
		t.conditions = append(t.conditions, c)
	}
	if err := errors.Join(problems...); err != nil {
		return err
	}
	if len(texts) > 0 && len(t.conditions) == 0 {
		return errors.New("--slo is empty and would check nothing")
	}
	return load.CheckConditions(t.conditions, &t.plan)
}

// readBaseline reads the baseline and the number of runs, and checks that the two can be compared.
func (t *task) readBaseline(f *flags) error {
	var err error
	if f.Baseline != "" {
		if t.baseline, err = load.ReadRecord(f.Baseline); err != nil {
			return fmt.Errorf("--baseline: %w", err)
		}
		t.repeat = t.baseline.Repeat
	}
	if f.Repeat != nil {
		t.repeat = *f.Repeat
	}
	if t.baseline != nil {
		t.differences, err = load.Comparable(load.NewRecord(&t.plan, t.repeat, time.Now()), t.baseline)
	}
	return err
}
