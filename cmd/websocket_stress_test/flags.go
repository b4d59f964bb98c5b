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

const description = `Put a Momentum server under load and measure what its clients get.

storm: all connections at once, as fast as --max-concurrent lets them; refused clients obey Retry-After.
throughput: every connection sends --messages messages.
sustained: the connections stay for --duration and keep talking.

Users stress-0, stress-1 ... sign their tokens with the server's JWT_SECRET. Each message is addressed to the next user,
so that N connections with M messages make N×M deliveries; --fanout all addresses none and makes N×(N-1)×M.

Exit code: 0 success; 1 clients met errors, or --slo or --baseline failed; 2 wrong usage; 3 nothing failed, but the generator
was the bottleneck of a figure that --slo or --baseline judged; 130 interrupted.`

// flags is the command line. The names in the first group are in use in scripts.
type flags struct {
	TestType        string `default:"storm" placeholder:"TYPE" help:"storm, throughput, sustained or all (default ${default})."`
	URL             string `name:"url" default:"ws://127.0.0.1:8000/ws" placeholder:"URL" help:"The WebSocket endpoint (default ${default})."`
	Connections     int    `default:"100" placeholder:"N" help:"How many connections (default ${default})."`
	Messages        int    `default:"10" placeholder:"N" help:"Messages of each connection, in a throughput test (default ${default})."`
	Duration        int    `default:"60" placeholder:"S" help:"Seconds that a sustained test lasts, and that getting in may take in any (default ${default})."`
	MaxConcurrent   int    `default:"50" placeholder:"N" help:"Handshakes under way at once (default ${default})."`
	MessageInterval int    `default:"100" placeholder:"MS" help:"Milliseconds between two messages of one connection (default ${default}; 0: none)."`

	ArrivalRate float64  `default:"0" placeholder:"N" help:"Connections that arrive a second, whatever the server does; latency counts from when each was due. 0: all want in at once (default)."`
	Fanout      string   `default:"partner" placeholder:"WHO" help:"partner: each message to one other user (default); all: to everybody."`
	JWTSecret   string   `name:"jwt-secret" env:"JWT_SECRET" placeholder:"SECRET" help:"The server's secret, to sign tokens with."`
	AdminToken  string   `env:"ADMIN_TOKEN" placeholder:"TOKEN" help:"The server's, to read /ws/stats with."`
	Source      string   `placeholder:"ADDR,..." help:"Connect from these IPv4 addresses of this host, in turns, where one has too few ports."`
	ServerPID   int      `name:"server-pid" placeholder:"PID" help:"The server's process on this host, to read its CPU and memory from /proc."`
	Repeat      *int     `placeholder:"N" help:"How often to run; figures are medians (default 1; with --baseline as often as it was)."`
	JSON        string   `name:"json" placeholder:"FILE" help:"Save all figures as JSON; - is standard output, and the table then goes to standard error."`
	Report      string   `placeholder:"FILE.html" help:"Write a page with plots; - is standard output."`
	Baseline    string   `placeholder:"FILE" help:"Compare with a file that --json has saved."`
	SLO         []string `name:"slo" sep:";" placeholder:"COND" help:"A condition such as 'handshake_p99<250ms'. Repeat the flag, or separate with ';'."`
}

// order is what is to be done, read from the flags and checked.
type order struct {
	plan       load.Plan
	conditions []load.Condition
	baseline   *load.Record // nil: none
	differ     []string     // what of the baseline's conditions may matter
	repeat     int
	json, page string
}

func parseFlags(args []string, stdout, stderr io.Writer) (*flags, error) {
	var f flags
	return &f, commandline.Parse(&f, "websocket_stress_test", description, args, stdout, stderr)
}

// order checks the flags and reads the files they name, so that nothing of that fails after minutes of load.
func (f *flags) order(seed uint64) (*order, error) {
	o := &order{
		plan: load.Plan{
			Test: load.Test(f.TestType), URL: f.URL, Connections: f.Connections, Messages: f.Messages, Seconds: f.Duration,
			MaxConcurrent: f.MaxConcurrent, IntervalMS: f.MessageInterval, ArrivalRate: f.ArrivalRate,
			Fanout: load.Fanout(f.Fanout), Secret: f.JWTSecret, AdminToken: f.AdminToken, Sources: f.Source, ServerPID: f.ServerPID, Seed: seed,
		},
		repeat: 1, json: f.JSON, page: f.Report,
	}
	problems := []error{o.plan.Validate(), o.readConditions(f.SLO), o.readBaseline(f)}
	if o.repeat < 1 || o.repeat > mostRepeats {
		problems = append(problems, fmt.Errorf("--repeat is %d: it takes at least one run and at most %d", o.repeat, mostRepeats))
	}
	problems = append(problems, f.checkOutputs())
	return o, errors.Join(problems...)
}

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

// mostRepeats is more runs than any median needs.
const mostRepeats = 100

// readConditions takes no heed of what is empty, which a ';' at the end leaves behind, unless that is all there is.
func (o *order) readConditions(texts []string) error {
	var problems []error
	for _, text := range texts {
		if strings.TrimSpace(text) == "" {
			continue
		}
		c, err := load.ParseCondition(text)
		problems = append(problems, err)
		o.conditions = append(o.conditions, c)
	}
	if err := errors.Join(problems...); err != nil {
		return err
	}
	if len(texts) > 0 && len(o.conditions) == 0 {
		return errors.New("--slo is empty and would guard nothing")
	}
	return load.CheckConditions(o.conditions, &o.plan)
}

// readBaseline reads the baseline, how often to run where nothing else says so, and whether the two can be compared.
func (o *order) readBaseline(f *flags) error {
	var err error
	if f.Baseline != "" {
		if o.baseline, err = load.ReadRecord(f.Baseline); err != nil {
			return fmt.Errorf("--baseline: %w", err)
		}
		o.repeat = o.baseline.Repeat
	}
	if f.Repeat != nil {
		o.repeat = *f.Repeat
	}
	if o.baseline != nil {
		o.differ, err = load.Comparable(load.NewRecord(&o.plan, o.repeat, time.Now()), o.baseline)
	}
	return err
}
