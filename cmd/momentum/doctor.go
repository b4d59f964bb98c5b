package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"momentum/internal/config"
	"momentum/internal/doctor"
)

// doctorCmd examines the host and what is around the node.
type doctorCmd struct {
	Settings    config.Settings `embed:""`
	Connections int             `placeholder:"N" help:"How many connections you want. If unset: WS_MAX_CONNECTIONS, or as many as there is room for."`
	PID         int             `name:"pid" placeholder:"PID" help:"Examine the limits of this process, such as the node's under systemd, instead of those of a process that is started here."`
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
func (cmd *doctorCmd) examine(_ context.Context, c *config.Config, _ *config.Sources) *doctor.Report {
	files := os.DirFS("/")
	n := cmd.node(c)
	facts := doctor.FactsOf(files, n)
	prediction := doctor.Predict(facts)
	found := slices.Concat(doctor.Hosts(files, n), doctor.Networks(files, n), doctor.Memories(files, n))
	found = append(found, doctor.Capacity(&prediction, n.Goal))
	return doctor.NewReport(found, prediction)
}

// node returns what is known about the node.
func (cmd *doctorCmd) node(c *config.Config) *doctor.Node {
	process := "self"
	if cmd.PID > 0 {
		process = fmt.Sprint(cmd.PID)
	}
	n := nodeFacts(c, process)
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
