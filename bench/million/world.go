package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"time"

	"momentum/bench/nodes"
)

// world is everything that runs.
type world struct {
	*plan
	group      *nodes.Group
	redis      *nodes.Redis
	nodes      []*nodes.Node
	generators fleet
	record     *record
}

// heartbeat is how often a quiet connection is pinged: so rarely, since all of them are on two cores, at both ends.
const heartbeat = "120"

// nodeRuntime has Go's runtime collect garbage when there is 18 % as much of it as of live memory, and not as much. A node of this size has
// 20 MB of live memory. With 15 % a million users took 1,014 bytes each, with 22 % 1,075 and 1,105.
var nodeRuntime = []string{"GOMAXPROCS=1", "GOMEMLIMIT=160MiB", "GOGC=18"}

// run starts everything, measures, and ends everything.
func (p *plan) run(ctx context.Context) (r *record, err error) {
	group, err := nodes.NewGroup()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(ctx, func() { _ = group.Close() })() // so that nothing waits for a process after the end
	defer func() { err = errors.Join(err, group.Close()) }()
	w := &world{plan: p, group: group, record: newRecord(p)}
	go watchMemory(ctx, cancel, w.record)
	for _, stage := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"start the processes", w.start}, {"connect everybody", w.connect}, {"measure the memory", w.measure}, {"send a broadcast", w.broadcast},
		{"send direct messages", w.directs}, {"kill a node", w.kill},
	} {
		began, used := time.Now(), w.redisCPU()
		fmt.Fprintf(os.Stderr, "%s: %s\n", began.Format(time.TimeOnly), stage.name)
		if err := stage.do(ctx); err != nil {
			if cause := context.Cause(ctx); cause != nil {
				err = errors.Join(cause, err)
			}
			w.record.Failed = stage.name
			w.record.finish(w)
			return w.record, fmt.Errorf("cannot %s: %w", stage.name, err)
		}
		w.record.Stages = append(w.record.Stages, stageTime{stage.name, time.Since(began).Seconds(), (w.redisCPU() - used).Seconds()})
	}
	w.record.finish(w)
	return w.record, nil
}

// redisCPU returns the processor time of Redis.
func (w *world) redisCPU() time.Duration {
	if w.redis == nil {
		return 0
	}
	return w.redis.CPU()
}

// startRedis starts Redis with a higher priority than the others: a cluster of this size gives it a core.
func (w *world) startRedis() (err error) {
	if w.redis, err = w.group.StartRedis(nodes.AnyCore); err != nil {
		return err
	}
	if err := w.redis.Prefer(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return nil
	}
	w.record.RedisPreferred = true
	return nil
}

// start starts Redis, the nodes and the generators.
func (w *world) start(context.Context) (err error) {
	if err := w.startRedis(); err != nil {
		return err
	}
	for i := range w.plan.nodes() {
		n, err := w.group.StartNode(nodes.NodeOptions{
			Binary: w.binary, Redis: w.redis, Core: nodes.AnyCore,
			Flags: []string{"--heartbeat-interval", heartbeat}, Env: nodeRuntime,
		})
		if err != nil {
			return err
		}
		w.nodes = append(w.nodes, n)
		from, to := w.users(i)
		g, err := startGenerator(w.group, setup{First: from, Number: to - from, Source: [4]byte{127, 0, 1, byte(1 + i)}})
		if err != nil {
			return err
		}
		w.generators = append(w.generators, g)
	}
	for _, n := range w.nodes {
		if err := n.AwaitReady(); err != nil {
			return err
		}
	}
	if err := w.generators.command(command{}); err != nil {
		return err
	}
	w.record.Before = w.memory()
	return nil
}

// connect connects the clients of some nodes at a time: few at a time, so that each gets a core often, but more than one, so that Redis's
// rounds are full.
func (w *world) connect(ctx context.Context) error {
	began := time.Now()
	again := time.NewTicker(interval)
	defer again.Stop()
	var active fleet
	next := 0
	for next < len(w.generators) || len(active) > 0 {
		for ; next < len(w.generators) && len(active) < w.atOnce; next++ {
			g := w.generators[next]
			if err := g.command(command{Targets: []netip.AddrPort{w.nodes[next].Addr}}); err != nil {
				return err
			}
			active = append(active, g)
		}
		if err := active.command(command{}); err != nil {
			return err
		}
		active = slices.DeleteFunc(active, func(g *remote) bool { return g.last.Fresh >= w.size(g) && g.last.Open >= w.size(g) })
		if open := w.generators.sum().Open; w.record.see(time.Since(began), open, w.redisCPU()) {
			fmt.Fprintf(os.Stderr, "%s: %d of %d are connected\n", time.Now().Format(time.TimeOnly), open, w.connections)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-again.C:
		}
	}
	w.record.AllIn = time.Since(began).Seconds()
	return nil
}

// size returns the number of clients of a generator.
func (w *world) size(g *remote) int {
	for i, one := range w.generators {
		if one == g {
			from, to := w.users(i)
			return to - from
		}
	}
	return 0
}

// processes returns the processes of the nodes.
func (w *world) processes() (all []*nodes.Process) {
	for _, n := range w.nodes {
		all = append(all, n.Process)
	}
	return all
}
