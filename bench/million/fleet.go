package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"momentum/bench/nodes"
)

const (
	// interval is the time between two looks at the generators whose clients connect.
	interval = 50 * time.Millisecond

	// restInterval is the time between two looks at all generators. Each look wakes them all.
	restInterval = 200 * time.Millisecond
)

// remote is a generator's process.
type remote struct {
	*nodes.Process
	to   *json.Encoder
	from *json.Decoder
	last answer
}

// startGenerator starts the generator of a node.
func startGenerator(g *nodes.Group, s setup) (*remote, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p, err := g.Start(nodes.Command{
		Args: []string{self, "--generate"}, Env: []string{"GOMAXPROCS=1", "GOMEMLIMIT=96MiB"}, Core: nodes.AnyCore, Piped: true,
	})
	if err != nil {
		return nil, err
	}
	r := &remote{Process: p, to: json.NewEncoder(p.In), from: json.NewDecoder(p.Out)}
	return r, r.to.Encode(s)
}

// command gives a generator a command, and takes its answer.
func (r *remote) command(c command) error {
	r.last.Error = ""
	a := answer{}
	err := r.to.Encode(c)
	if err == nil {
		err = r.from.Decode(&a)
	}
	switch {
	case err != nil:
		return fmt.Errorf("a generator ended: %w: %s", err, r.Said())
	case a.Error != "":
		return errors.New(a.Error)
	}
	r.last = a
	return nil
}

// fleet is all generators.
type fleet []*remote

// command gives all generators a command.
func (f fleet) command(c command) error {
	results := make(chan error, len(f))
	for _, r := range f {
		go func() { results <- r.command(c) }()
	}
	var all error
	for range f {
		all = errors.Join(all, <-results)
	}
	return all
}

// await asks the generators until done returns true of their sum.
func (f fleet) await(ctx context.Context, patience time.Duration, what string, done func(sum answer) bool) error {
	again := time.NewTicker(restInterval)
	defer again.Stop()
	for deadline := time.Now().Add(patience); ; {
		if err := f.command(command{}); err != nil {
			return err
		}
		sum := f.sum()
		if done(sum) {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s: not done after %v: %+v", what, patience, sum)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: %w", what, ctx.Err())
		case <-again.C:
		}
	}
}

// sum adds up the last answers.
func (f fleet) sum() (a answer) {
	for _, r := range f {
		l := &r.last
		a.Open += l.Open
		a.Refused += l.Refused
		a.Closed += l.Closed
		a.Resumed += l.Resumed
		a.Fresh += l.Fresh
		a.Failed += l.Failed
		a.Missed += l.Missed
		a.Jumps += l.Jumps
		a.Twice += l.Twice
		a.Gaps += l.Gaps
		a.Presence += l.Presence
		a.Pings += l.Pings
		a.Broadcasts += l.Broadcasts
		a.Directs += l.Directs
		a.Unsent += l.Unsent
		a.Refusal = cmp.Or(l.Refusal, a.Refusal)
	}
	return a
}

// latency returns the latencies of all generators.
func (f fleet) latency() (*hdrhistogram.Histogram, error) {
	if err := f.command(command{Histograms: true}); err != nil {
		return nil, err
	}
	all := newHistogram()
	for _, r := range f {
		one, err := hdrhistogram.Decode(r.last.Latency)
		if err != nil {
			return nil, err
		}
		all.Merge(one)
		r.last.Latency = nil
	}
	return all, nil
}

// processes returns the processes of the generators.
func (f fleet) processes() (all []*nodes.Process) {
	for _, r := range f {
		all = append(all, r.Process)
	}
	return all
}
