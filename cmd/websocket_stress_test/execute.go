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

// run does what args ask for and returns the exit code. The table goes to stdout, everything else to stderr.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	out := output.NewStream(stdout)
	f, err := parseFlags(args, out, stderr)
	if errors.Is(err, commandline.ErrHelp) || out.Err() != nil {
		return complete(out, stderr, nil, exitOK)
	}
	if err != nil {
		return complain(stderr, fmt.Errorf("%w\nwebsocket_stress_test --help lists the flags", err), exitUsage)
	}
	o, err := f.order(uint64(time.Now().UnixNano()))
	if err != nil {
		return complain(stderr, err, exitUsage)
	}
	record, err := o.execute(ctx, stderr)
	if err != nil {
		return complain(stderr, err, failure(ctx, err))
	}
	if err := o.judge(record); err != nil {
		return complain(stderr, err, exitUsage)
	}
	saved := o.save(record, out) // first: the reader of the table may end this process by going away
	load.WriteTable(o.tableWriter(out, stderr), record)
	return complete(out, stderr, saved, exitCode(ctx, record))
}

// complete returns code, unless something could not be written: a script must not take a part of an output for all of it.
func complete(out *output.Stream, stderr io.Writer, saved error, code int) int {
	if err := out.Err(); err != nil && !errors.Is(saved, err) {
		saved = errors.Join(saved, fmt.Errorf("cannot write to standard output: %w", err))
	}
	if saved != nil {
		return complain(stderr, saved, exitFailed)
	}
	return code
}

// unreachable is an error that is not the command line's.
type unreachable struct{ error }

func failure(ctx context.Context, err error) int {
	switch {
	case ctx.Err() != nil:
		return exitInterrupted
	case errors.As(err, new(unreachable)):
		return exitFailed
	}
	return exitUsage
}

// execute runs every test as often as asked, one whole round after the other, so that a slow minute of the host
// does not fall on all runs of one test. When it cannot go on, what there is will do.
func (o *order) execute(ctx context.Context, stderr io.Writer) (*load.Record, error) {
	prepared, err := load.Prepare(ctx, &o.plan)
	if err != nil {
		return nil, err
	}
	if n := prepared.Sources(); n > 1 {
		fmt.Fprintf(stderr, "connecting from %d addresses: one would run short of ports\n", n)
	}
	for _, what := range o.differ {
		fmt.Fprintln(stderr, "mind that", what)
	}
	record := load.NewRecord(&o.plan, o.repeat, time.Now())
	for round := range o.repeat {
		for _, test := range o.plan.Tests() {
			if o.repeat > 1 {
				fmt.Fprintf(stderr, "%s, run %d of %d\n", test, round+1, o.repeat)
			}
			result, err := o.runOne(ctx, test, prepared, stderr)
			switch {
			case err == nil:
				record.Add(result)
				continue
			case len(record.Groups) == 0:
				return nil, unreachable{err}
			case ctx.Err() != nil:
				err = errors.New("interrupted")
			}
			record.Incomplete = fmt.Sprintf("%s, run %d of %d: %v", test, round+1, o.repeat, err)
			return record, nil
		}
	}
	return record, nil
}

func (o *order) runOne(ctx context.Context, test load.Test, prepared *load.Prepared, stderr io.Writer) (*load.Result, error) {
	if err := prepared.CheckReachable(ctx); err != nil {
		return nil, err
	}
	p := newProgress(stderr)
	defer p.stop()
	return load.Run(ctx, &o.plan, test, prepared, p.observe)
}

// judge applies the conditions and the baseline. What is not whole is not compared.
func (o *order) judge(record *load.Record) error {
	record.Verdicts = load.Evaluate(o.conditions, record.Groups)
	if o.baseline == nil || !record.Complete() {
		return nil
	}
	var err error
	record.Comparison, err = load.Compare(record, o.baseline)
	return err
}

// save writes the files that were asked for.
func (o *order) save(record *load.Record, stdout io.Writer) error {
	var problems []error
	if o.json != "" {
		problems = append(problems, record.Save(o.json, stdout))
	}
	if o.page != "" {
		page, err := report.Page(record)
		if err == nil {
			err = output.Write(o.page, page, stdout)
		}
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}

// tableWriter returns where the table goes: not to standard output if that is to hold JSON or a page.
func (o *order) tableWriter(stdout, stderr io.Writer) io.Writer {
	for _, path := range []string{o.json, o.page} {
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

// complain tells err, a line for each of several problems, and returns code.
func complain(stderr io.Writer, err error, code int) int {
	for line := range strings.SplitSeq(err.Error(), "\n") {
		fmt.Fprintln(stderr, "websocket_stress_test:", line)
	}
	return code
}
