package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"momentum/bench/load"
	"momentum/bench/load/report"
	"momentum/internal/commandline"
	"momentum/internal/output"
)

// run executes the command line and returns the exit code. The table goes to stdout, everything else to stderr.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	out := output.NewStream(stdout)
	f, err := parseFlags(args, out, stderr)
	if errors.Is(err, commandline.ErrHelp) || out.Err() != nil {
		return finish(out, stderr, nil, exitOK)
	}
	if err != nil {
		return printErrors(stderr, fmt.Errorf("%w\nwebsocket_stress_test --help lists the flags", err), exitUsage)
	}
	if f.Version {
		fmt.Fprintln(out, "websocket_stress_test", commandline.ThisBuild())
		return finish(out, stderr, nil, exitOK)
	}
	t, err := f.task(uint64(time.Now().UnixNano()))
	if err != nil {
		return printErrors(stderr, err, exitUsage)
	}
	record, err := t.execute(ctx, stderr)
	if err != nil {
		return printErrors(stderr, err, failure(ctx, err))
	}
	if err := t.evaluate(record); err != nil {
		return printErrors(stderr, err, exitUsage)
	}
	saved := t.save(record, out) // before the table: SIGPIPE may end this process if the reader of the table has gone
	load.WriteTable(t.tableWriter(out, stderr), record)
	return finish(out, stderr, saved, exitCode(ctx, record))
}

// finish returns code, or exitFailed if an output could not be written: a script must not take a part of an output for
// all of it.
func finish(out *output.Stream, stderr io.Writer, saved error, code int) int {
	if err := out.Err(); err != nil && !errors.Is(saved, err) {
		saved = errors.Join(saved, fmt.Errorf("cannot write to standard output: %w", err))
	}
	switch {
	case saved == nil:
		return code
	case code == exitInterrupted:
		return printErrors(stderr, saved, code)
	}
	return printErrors(stderr, saved, exitFailed)
}

// serverError is an error of the server, not of the command line.
type serverError struct{ error }

// failure returns the exit code of an error without a record.
func failure(ctx context.Context, err error) int {
	switch {
	case ctx.Err() != nil:
		return exitInterrupted
	case errors.As(err, new(serverError)):
		return exitFailed
	}
	return exitUsage
}

// execute runs every test as often as requested, in rounds, so that a slow minute of the host does not affect all runs
// of one test. If a run is not possible, it returns the runs before.
func (t *task) execute(ctx context.Context, stderr io.Writer) (*load.Record, error) {
	prepared, err := load.Prepare(ctx, &t.plan)
	if err != nil {
		return nil, err
	}
	if n := prepared.Sources(); n > 1 {
		fmt.Fprintf(stderr, "connecting from %d addresses, because one has too few ports\n", n)
	}
	for _, difference := range t.differences {
		fmt.Fprintln(stderr, "warning:", difference)
	}
	record := load.NewRecord(&t.plan, t.repeat, time.Now())
	for round := range t.repeat {
		for _, test := range t.plan.Tests() {
			if t.repeat > 1 {
				fmt.Fprintf(stderr, "%s, run %d of %d\n", test, round+1, t.repeat)
			}
			result, err := t.runOne(ctx, test, prepared, stderr)
			switch {
			case err == nil:
				record.Add(result)
				continue
			case len(record.Groups) == 0:
				return nil, serverError{err}
			case ctx.Err() != nil:
				err = errors.New("interrupted")
			}
			record.Incomplete = fmt.Sprintf("%s, run %d of %d: %v", test, round+1, t.repeat, err)
			return record, nil
		}
	}
	return record, nil
}

func (t *task) runOne(ctx context.Context, test load.Test, prepared *load.Prepared, stderr io.Writer) (*load.Result, error) {
	if err := prepared.CheckReachable(ctx); err != nil {
		return nil, err
	}
	p := newProgress(stderr)
	defer p.stop()
	return load.Run(ctx, &t.plan, test, prepared, p.observe)
}

// evaluate applies the conditions, and the baseline if all runs are complete.
func (t *task) evaluate(record *load.Record) error {
	record.Verdicts = load.Evaluate(t.conditions, record.Groups)
	if t.baseline == nil || !record.Complete() {
		return nil
	}
	var err error
	record.Comparison, err = load.Compare(record, t.baseline)
	return err
}

// save writes the requested files.
func (t *task) save(record *load.Record, stdout io.Writer) error {
	var problems []error
	if t.json != "" {
		problems = append(problems, record.Save(t.json, stdout))
	}
	if t.page != "" {
		page, err := report.Page(record)
		if err == nil {
			err = output.Write(t.page, page, stdout)
		}
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}

// tableWriter returns where the table goes: to standard error if standard output receives JSON or a page.
func (t *task) tableWriter(stdout, stderr io.Writer) io.Writer {
	for _, path := range []string{t.json, t.page} {
		if path != "" && output.IsStdout(path, stdout) {
			return stderr
		}
	}
	return stdout
}

func exitCode(ctx context.Context, record *load.Record) int {
	switch {
	case ctx.Err() != nil:
		return exitInterrupted
	case record.Failed() || record.HasErrors():
		return exitFailed
	case record.GeneratorLimited():
		return exitInvalid
	}
	return exitOK
}

// printErrors prints each line of err and returns code.
func printErrors(stderr io.Writer, err error, code int) int {
	for line := range strings.SplitSeq(err.Error(), "\n") {
		fmt.Fprintln(stderr, "websocket_stress_test:", line)
	}
	return code
}
