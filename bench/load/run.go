package load

import (
	"context"
	"sync"
)

// Run runs one test and returns its result. When ctx ends, it closes the connections and returns the figures so far.
// observe may be nil; it is called by the loop and must not block.
func Run(ctx context.Context, p *Plan, test Test, prepared *Prepared, observe func(Progress)) (*Result, error) {
	f, err := newFleet(ctx, p, test, prepared, observe)
	if err != nil {
		return nil, err
	}
	s := &sampler{
		url: prepared.target.stats, token: p.AdminToken, pid: p.ServerPID, began: f.began,
		open: func() int { return int(f.open.Load()) },
	}
	sampling, stop := context.WithCancel(ctx)
	var ended sync.WaitGroup
	ended.Go(func() { s.run(sampling) })
	err = f.run()
	stop()
	ended.Wait()
	if err != nil {
		return nil, err
	}
	return f.result(s), nil
}
