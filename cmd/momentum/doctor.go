package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"momentum/internal/config"
	"momentum/internal/doctor"
	"momentum/server/auth"
	"momentum/server/storm"
)

// doctorCmd examines the host and the surroundings of the node.
type doctorCmd struct {
	Settings    config.Settings `embed:""`
	Connections int             `placeholder:"N" help:"How many connections you want. If unset: WS_MAX_CONNECTIONS, or as many as there is room for."`
	Nodes       int             `default:"1" placeholder:"N" help:"How many nodes share the database."`
	PID         int             `name:"pid" placeholder:"PID" help:"Examine the limits of a running process, such as a node under systemd. If unset: those of this command, which a node started from here would have, too."`
	Through     string          `placeholder:"URL" help:"Examine the way through this URL too, such as wss://chat.example/ws: the certificate, and whether the node sees the address of a client."`
	Idle        bool            `help:"Measure, with --through, for how long a connection may be silent. It takes as long as WS_HEARTBEAT_INTERVAL."`
	MaxIdle     time.Duration   `name:"idle-most" type:"seconds" default:"90" help:"How long --idle may take at most, such as 90s, or 90 for seconds."`
	Token       string          `env:"MOMENTUM_TOKEN" secret:"yes" placeholder:"JWT" help:"Token for --through. If unset, one is signed with JWT_SECRET. Prefer the variable."`
	JSON        bool            `name:"json" help:"Print a JSON object, for programs."`
}

// errProblems means that the doctor has found at least one problem, and has printed it.
var errProblems = reportedError{errors.New("there are problems")}

// Run prints the problems, the warnings and the rest, and the prediction.
func (cmd *doctorCmd) Run(out io.Writer, s *config.Sources) error {
	c, err := cmd.Settings.Checked()
	if err != nil && !c.Dev {
		return wrongSettings(err)
	}
	if cmd.Connections < 0 {
		return wrongSettings(fmt.Errorf("--connections is %d: write how many connections you want, or leave it out", cmd.Connections))
	}
	r := cmd.examine(context.Background(), c, s)
	if cmd.JSON {
		err = printJSON(out, r)
	} else {
		err = printReport(out, r)
	}
	if err == nil && !r.Good {
		return errProblems
	}
	return err
}

// examine makes all examinations, those of the host first.
func (cmd *doctorCmd) examine(ctx context.Context, c *config.Config, s *config.Sources) *doctor.Report {
	files := os.DirFS("/")
	n := cmd.node(c, files)
	cmd.askRunning(ctx, s, n)
	facts := doctor.FactsOf(files, n)
	prediction := doctor.Predict(facts)
	begun, steady := time.Now(), sinceBoot()
	found := slices.Concat(doctor.Hosts(files, n), doctor.Networks(files, n), doctor.Memories(files, n), doctor.Clocks(doctor.ReadClock(), files),
		stores(ctx, c, n))
	found = append(found, doctor.Capacity(&prediction, n.Goal))
	if cmd.Through != "" {
		found = append(found, cmd.through(ctx, c, s, n)...)
	}
	found = append(found, doctor.Jumped(time.Now().Round(0).Sub(begun.Round(0)), sinceBoot()-steady)...)
	return doctor.NewReport(found, prediction)
}

// node returns all that is known about the node.
func (cmd *doctorCmd) node(c *config.Config, files fs.FS) *doctor.Node {
	process := "self"
	if cmd.PID > 0 {
		process = fmt.Sprint(cmd.PID)
	}
	n := nodeFacts(c, process, files)
	n.Nodes = cmd.Nodes
	if cmd.Connections > 0 {
		n.Goal = cmd.Connections
	}
	return n
}

// printReport prints a report for people.
func printReport(out io.Writer, r *doctor.Report) error {
	for _, f := range r.Worst() {
		fmt.Fprintf(out, "%-8s %s: %s\n", f.Level, f.Subject, f.Text)
		for i, line := range f.Change {
			indent := "           "
			if i == 0 {
				indent = "         in "
			}
			fmt.Fprintf(out, "%s%s\n", indent, line)
		}
	}
	p := &r.Prediction
	_, err := fmt.Fprintf(out, "\nthis host holds %d connections; the limit that comes first: %s\nif all of them came back at once, it would take %v\n",
		p.Connections, p.Limits[0].What, time.Duration(p.StormSeconds*float64(time.Second)).Round(10*time.Millisecond))
	return err
}

// statsPatience limits the question to a node that may not run.
const statsPatience = 2 * time.Second

// askRunning asks a running node, if there is one, for the measured cost of a handshake, and for the limit of handshakes if the settings here
// have none: those of the node may not be in this shell.
func (cmd *doctorCmd) askRunning(ctx context.Context, s *config.Sources, n *doctor.Node) {
	node, err := nodeOf(&cmd.Settings, s)
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, statsPatience)
	defer cancel()
	var stats struct {
		Rate  int          `json:"handshake_rate"`
		Storm storm.Report `json:"storm"`
	}
	if node.Call(ctx, "GET", "/ws/stats?scope=node", &stats) != nil {
		return
	}
	n.HandshakeRate = cmp.Or(n.HandshakeRate, stats.Rate)
	if stats.Storm.Measured {
		n.Cost = time.Duration(stats.Storm.Cost * float64(time.Second))
	}
}

// through examines the way of clients to the node.
func (cmd *doctorCmd) through(ctx context.Context, c *config.Config, s *config.Sources, n *doctor.Node) []doctor.Finding {
	f := doctor.Front{URL: cmd.Through, Token: cmd.Token, Now: time.Now}
	var err error
	if f.Admin, err = nodeOf(&cmd.Settings, s); err == nil {
		err = cmd.identify(&f, c)
	}
	if err != nil {
		return []doctor.Finding{{Subject: "proxy", Level: doctor.Problem, Text: err.Error()}}
	}
	var found []doctor.Finding
	if cmd.Idle { // first: that the other connection leaves is a message to this one
		found = append(found, doctor.Idle(ctx, &f, n, cmd.MaxIdle))
	}
	return append(found, doctor.Proxies(ctx, &f, n)...)
}

// identify gives a front a token, and the id of its user.
func (cmd *doctorCmd) identify(f *doctor.Front, c *config.Config) (err error) {
	if f.Token == "" {
		id := auth.UserID("doctor@momentum.invalid")
		f.User = id.String()
		f.Token, err = signGuest(c, id, "doctor", "doctor@momentum.invalid", time.Now())
		return err
	}
	claims, err := doctor.SubjectOf(f.Token)
	f.User = claims
	return err
}

// stores examines the database and Redis, if there are any.
func stores(ctx context.Context, c *config.Config, n *doctor.Node) (found []doctor.Finding) {
	if c.DatabaseURL != "" {
		settings := databaseSettings{DatabaseURL: c.DatabaseURL, UsersQuery: c.UsersQuery}
		if d, err := settings.open(); err != nil {
			found = append(found, doctor.Finding{Subject: "PostgreSQL", Level: doctor.Problem, Text: err.Error()})
		} else {
			ctx, cancel := context.WithTimeout(ctx, askTimeout)
			found = doctor.Postgres(ctx, d, n, time.Now)
			cancel()
			d.Close()
		}
	}
	if c.RedisURL != "" {
		found = append(found, doctor.Redis(c.RedisURL, c.RedisPrefix, time.Now)...)
	}
	return found
}

// sinceBoot returns the time since the start of the host, which no change of the clock moves.
func sinceBoot() time.Duration {
	var now unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_BOOTTIME, &now) // it cannot fail with these arguments
	return time.Duration(now.Nano())
}
